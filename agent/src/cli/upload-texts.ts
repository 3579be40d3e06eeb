import type { SkipReason } from '@imagefleet/shared/node/folder-walk.ts';
import type { Texts } from './language.ts';

interface UploadTexts {
  readonly description: string;
  readonly paths: string;
  readonly concurrency: string;
  readonly ack: string;
  readonly wait: string;
  readonly links: string;
  readonly badConcurrency: string;
  readonly badAck: string;
  readonly badWait: string;
  readonly found: (files: string, size: string, server: string) => string;
  readonly nothing: string;
  readonly words: { readonly files: string; readonly left: string };
  readonly counts: {
    readonly uploaded: string;
    readonly waiting: string;
    readonly present: string;
    readonly twins: string;
    readonly refused: string;
    readonly failed: string;
    readonly notReached: string;
    readonly skipped: string;
  };
  readonly rate: (size: string, time: string, filesPerSecond: string, speed: string) => string;
  readonly linksWritten: (file: string, rows: string) => string;
  readonly problem: { readonly refused: string; readonly failed: string };
  readonly more: (count: string) => string;
  readonly stoppedEarly: string;
  readonly runAgain: string;
  readonly skipReasons: Readonly<Record<SkipReason, string>>;
  readonly after: string;
}

export const UPLOAD_TEXTS: Texts<UploadTexts> = {
  en: {
    description: 'upload folders (with everything below) or files',
    paths: 'folders or files',
    concurrency: 'uploads at the same time, 1 to 64',
    ack: 'count an upload as done when so many servers have it: local, a number, or all',
    wait: 'how long to wait for --ack, such as 30s',
    links: 'write a table of file and link for every file that is in the fleet',
    badConcurrency: '--concurrency needs a number from 1 to 64',
    badAck: '--ack needs local, all or a number from 1 to 20',
    badWait: '--wait needs a time such as 10s or 2m',
    found: (files, size, server) => `${files} images, ${size}, to ${server}`,
    nothing: 'no image found there',
    words: { files: 'files', left: 'left' },
    counts: {
      uploaded: 'uploaded',
      present: 'already in the fleet',
      waiting: 'of these, more copies were still on their way',
      twins: 'the same bytes as another file of this run',
      refused: 'refused',
      failed: 'failed',
      notReached: 'not reached',
      skipped: 'skipped',
    },
    rate: (size, time, filesPerSecond, speed) => `${size} sent in ${time} (${filesPerSecond} files/s, ${speed}/s)`,
    linksWritten: (file, rows) => `${rows} links written to ${file}`,
    problem: { refused: 'refused', failed: 'failed' },
    more: (count) => `… and ${count} more (--json lists all)`,
    stoppedEarly: 'stopped before the end:',
    runAgain: 'Run the same command again: what is already there is not sent twice.',
    skipReasons: {
      notImage: 'no image extension',
      unreadable: 'cannot be read',
      notFile: 'not a file',
      tooDeep: 'folder too deep',
      missing: 'does not exist',
    },
    after: `
Examples:
  $ imagefleet upload ~/Pictures
  $ imagefleet upload photos logo.png --links links.csv
  $ imagefleet upload photos --server http://10.0.0.1:7401 --server http://10.0.0.2:7401 --key KEY
  $ imagefleet upload photos --ack all --wait 60s
Files that the fleet already has (by their bytes) are not sent. A second --server takes over when the first
fails; an image that was sent twice because of that is stored once. Run it again after a stop: it goes on.
With --ack, files that are there already count only when so many servers hold them; the key needs the role read
for that.
Exit code 1 when at least one file was refused or failed.`,
  },
  zh: {
    description: '上传文件夹（含全部子文件夹）或文件',
    paths: '文件夹或文件',
    concurrency: '同时上传的数量，1 到 64',
    ack: '多少台服务器存好才算完成：local、数字或 all',
    wait: '等待 --ack 的最长时间，例如 30s',
    links: '为机群中已有的每个文件写一张“文件，链接”表',
    badConcurrency: '--concurrency 应为 1 到 64 的数字',
    badAck: '--ack 应为 local、all 或 1 到 20 的数字',
    badWait: '--wait 应为时间，例如 10s 或 2m',
    found: (files, size, server) => `${files} 张图片，${size}，上传到 ${server}`,
    nothing: '那里没有找到图片',
    words: { files: '个文件', left: '剩余' },
    counts: {
      uploaded: '已上传',
      present: '机群中已有',
      waiting: '以上之中，尚在复制到其他服务器',
      twins: '与本次另一文件内容相同',
      refused: '被拒绝',
      failed: '失败',
      notReached: '未处理',
      skipped: '跳过',
    },
    rate: (size, time, filesPerSecond, speed) =>
      `用时 ${time}，共发送 ${size}（每秒 ${filesPerSecond} 个文件，${speed}/s）`,
    linksWritten: (file, rows) => `已将 ${rows} 条链接写入 ${file}`,
    problem: { refused: '被拒绝', failed: '失败' },
    more: (count) => `……还有 ${count} 个（用 --json 可列出全部）`,
    stoppedEarly: '提前停止：',
    runAgain: '再次运行同一命令即可继续，已有的不会重复上传。',
    skipReasons: {
      notImage: '扩展名不是图片',
      unreadable: '无法读取',
      notFile: '不是普通文件',
      tooDeep: '文件夹层级太深',
      missing: '不存在',
    },
    after: `
示例：
  $ imagefleet upload ~/Pictures
  $ imagefleet upload photos logo.png --links links.csv
  $ imagefleet upload photos --server http://10.0.0.1:7401 --server http://10.0.0.2:7401 --key 密钥
  $ imagefleet upload photos --ack all --wait 60s
机群中已有的文件（按内容判断）不会再次发送。第一个 --server 出故障时由第二个接替，
因此被发送两次的图片也只保存一份。中断后重新运行即可继续。
使用 --ack 时，机群中已有的文件也要有这么多台服务器存好才算完成；为此密钥需要 read 角色。
有文件被拒绝或失败时，退出码为 1。`,
  },
};
