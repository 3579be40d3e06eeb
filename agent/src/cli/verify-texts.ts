import type { VerifiedServer } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { Texts } from './language.ts';

export interface VerifyTexts {
  readonly description: string;
  readonly proof: string;
  readonly asOf: string;
  readonly badAsOf: string;
  readonly columns: readonly string[];
  readonly states: Readonly<Record<VerifiedServer['state'], string>>;
  readonly copies: (checked: string, missing: string, restored: string) => string;
  readonly allCopies: (checked: string) => string;
  readonly more: (count: string) => string;
  readonly equal: (records: string, seconds: string) => string;
  readonly differs: string;
  readonly alone: string;
  readonly progress: (pulled: string, checked: string) => string;
  readonly lost: string;
  readonly written: (file: string) => string;
  readonly after: string;
}

export const VERIFY_TEXTS: Texts<VerifyTexts> = {
  en: {
    description: 'compare all servers with the asked one, heal what differs, look for files that are gone',
    proof: 'write a proof of which servers hold the same set ("-": standard output); heals nothing',
    asOf: 'cut-off of the proof, such as 2026-03-09T12:00:00Z (default: a minute ago)',
    badAsOf: '--as-of needs a time such as 2026-03-09T12:00:00Z, and --proof',
    columns: ['server', 'result', 'pulled', 'pushed', 'on their way', 'failed'],
    states: {
      waiting: 'waiting',
      running: 'running',
      equal: 'equal',
      healed: 'healed',
      onTheWay: 'equal but for copies on their way',
      differs: 'DIFFERS',
      silent: 'NO ANSWER',
    },
    copies: (checked, missing, restored) =>
      `${checked} own files looked at: ${missing} were gone or had another size, ${restored} of them fetched again`,
    allCopies: (checked) => `${checked} own files looked at: all there`,
    more: (count) => `… and ${count} more`,
    equal: (records, seconds) => `All servers have the same ${records} records. (${seconds} s)`,
    differs:
      'Not all servers have the same. What is left is tried again within the hour, or by another "imagefleet verify".',
    alone: 'This server has no peers to compare with.',
    progress: (pulled, checked) => `${pulled} pulled or pushed, ${checked} files looked at`,
    lost: 'the server was started again meanwhile; its report is lost',
    written: (file) => `proof written to ${file}`,
    after: `
Examples:
  $ imagefleet verify
  $ imagefleet verify --proof proof.json
  $ imagefleet verify --proof - --as-of 2026-03-09T00:00:00Z
"pulled" came from that server, "pushed" went to it. Copies on their way are left to the ledger ("imagefleet errors").
Exit code 0 when all servers have the same, 1 when one differs or does not answer.`,
  },
  zh: {
    description: '将所有服务器与被询问的服务器核对，修复差异，并检查文件是否丢失',
    proof: '写出哪些服务器持有相同集合的证明（“-”：标准输出）；不做修复',
    asOf: '证明的截止时间，例如 2026-03-09T12:00:00Z（默认：一分钟前）',
    badAsOf: '--as-of 应为 2026-03-09T12:00:00Z 这样的时间，并与 --proof 一起使用',
    columns: ['服务器', '结果', '取回', '送出', '同步途中', '失败'],
    states: {
      waiting: '等待中',
      running: '进行中',
      equal: '一致',
      healed: '已修复',
      onTheWay: '除同步途中的副本外一致',
      differs: '不一致',
      silent: '未应答',
    },
    copies: (checked, missing, restored) =>
      `检查了 ${checked} 个本机文件：${missing} 个丢失或大小不符，其中 ${restored} 个已重新取回`,
    allCopies: (checked) => `检查了 ${checked} 个本机文件：全部都在`,
    more: (count) => `……另有 ${count} 个`,
    equal: (records, seconds) => `所有服务器的 ${records} 条记录一致。（${seconds} 秒）`,
    differs: '并非所有服务器都一致。余下的会在一小时内自动重试，也可以再次运行 “imagefleet verify”。',
    alone: '这台服务器没有可核对的对等节点。',
    progress: (pulled, checked) => `已取回或送出 ${pulled} 个，已检查 ${checked} 个文件`,
    lost: '服务器在此期间重新启动，报告已丢失',
    written: (file) => `证明已写入 ${file}`,
    after: `
示例：
  $ imagefleet verify
  $ imagefleet verify --proof proof.json
  $ imagefleet verify --proof - --as-of 2026-03-09T00:00:00Z
“取回”来自该服务器，“送出”发往该服务器。同步途中的副本由同步台账处理（“imagefleet errors”）。
所有服务器一致时退出码为 0，有不一致或未应答时为 1。`,
  },
};
