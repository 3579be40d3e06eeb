import type { DeliveryEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Texts } from './language.ts';

interface GroupFacts {
  readonly count: string;
  readonly bytes: string;
  readonly source: string;
  readonly server: string;
  readonly state: string;
  readonly since: string;
}

interface ErrorsTexts {
  readonly description: string;
  readonly list: string;
  readonly limit: string;
  readonly day: string;
  readonly scope: string;
  readonly usage: string;
  readonly none: string;
  readonly noRows: string;
  readonly flowing: (count: string) => string;
  readonly silent: (names: string) => string;
  readonly states: Readonly<Record<DeliveryEntry['state'], string>>;
  readonly group: (facts: GroupFacts) => string;
  readonly replay: (server: string) => string;
  readonly replayOnly: (source: string, server: string) => string;
  readonly columns: readonly string[];
  readonly more: string;
  readonly dayHead: (day: string, lines: string) => string;
  readonly truncated: string;
  readonly days: (days: string) => string;
  readonly after: string;
}

export const ERRORS_TEXTS: Texts<ErrorsTexts> = {
  en: {
    description: 'show which copies are stuck, why, and what to do',
    list: 'one row for each copy instead of groups',
    limit: 'rows of --list',
    day: 'the failure log of a day (today when no day is given)',
    scope: 'fleet: ask every agent; server: only the asked one',
    usage: '--limit needs a number, --scope server or fleet, --day a day such as 2026-01-31',
    none: 'No copy is stuck.',
    noRows: 'No open copies.',
    flowing: (count) => `${count} copies are on their way.`,
    silent: (names) => `No answer from: ${names}`,
    states: { pending: 'on its way', inflight: 'being sent', failed: 'failed', parked: 'parked', dead: 'needs you' },
    group: ({ count, bytes, source, server, state, since }) =>
      `${count} copies (${bytes}) from ${source} to ${server}: ${state}, the oldest since ${since}`,
    replay: (server) => `try them now: imagefleet replay --to ${server}`,
    replayOnly: (source, server) =>
      `${source} tries nothing again by itself (replication.autoRetry: false); when this is mended: imagefleet replay --to ${server}`,
    columns: ['id', 'image', 'from → to', 'state', 'attempts', 'next attempt', 'cause'],
    more: 'There are more; raise --limit.',
    dayHead: (day, lines) => `Failure log of ${day}: ${lines} lines`,
    truncated: 'The log is longer; the rest is in the log folder of the server.',
    days: (days) => `Days with a log: ${days}`,
    after: `
Examples:
  $ imagefleet errors                    what is stuck, one paragraph for each server and cause
  $ imagefleet errors --list --limit 500
  $ imagefleet errors --day 2026-01-31   what happened that day, from the failure log of the asked server
Copies that are parked go out by themselves when their server is back, unless their source has
replication.autoRetry: false; nothing is lost meanwhile.`,
  },
  zh: {
    description: '查看哪些副本没有同步、为什么、该怎么办',
    list: '逐个列出副本，不分组',
    limit: '--list 的行数',
    day: '某一天的失败日志（不给日期就是今天）',
    scope: 'fleet：询问每个节点；server：只看被询问的这一台',
    usage: '--limit 应为数字，--scope 应为 server 或 fleet，--day 应为日期，例如 2026-01-31',
    none: '没有卡住的副本。',
    noRows: '没有待同步的副本。',
    flowing: (count) => `${count} 个副本正在同步。`,
    silent: (names) => `没有应答：${names}`,
    states: { pending: '排队中', inflight: '发送中', failed: '失败', parked: '暂停', dead: '需要处理' },
    group: ({ count, bytes, source, server, state, since }) =>
      `${source} 到 ${server} 有 ${count} 个副本（${bytes}）：${state}，最早的始于 ${since}`,
    replay: (server) => `现在重试：imagefleet replay --to ${server}`,
    replayOnly: (source, server) =>
      `${source} 不会自动重试（replication.autoRetry: false），排除原因后请运行：imagefleet replay --to ${server}`,
    columns: ['编号', '图片', '来源 → 目标', '状态', '尝试次数', '下次尝试', '原因'],
    more: '还有更多，请调大 --limit。',
    dayHead: (day, lines) => `${day} 的失败日志：${lines} 行`,
    truncated: '日志更长，其余内容在服务器的日志文件夹中。',
    days: (days) => `有日志的日期：${days}`,
    after: `
示例：
  $ imagefleet errors                    卡住的副本，按服务器和原因分组
  $ imagefleet errors --list --limit 500
  $ imagefleet errors --day 2026-01-31   那一天发生了什么，取自被询问服务器的失败日志
暂停的副本会在服务器恢复后自动发出（来源服务器设置了 replication.autoRetry: false 的除外），期间不会丢失。`,
  },
};
