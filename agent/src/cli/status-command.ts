import { Command } from 'commander';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import type { Language, Texts } from './language.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';
import { STATE_WORDS } from './state-words.ts';
import { tableLines } from './table.ts';

interface StatusTexts {
  readonly description: string;
  readonly scope: string;
  readonly badScope: string;
  readonly columns: readonly string[];
  readonly warming: (word: string, left: string) => string;
  readonly unknown: string;
  readonly free: (free: string, total: string) => string;
  readonly allWell: (servers: number, images: string) => string;
  /** Where none of them is an agent. */
  readonly allUp: (servers: number) => string;
  readonly open: (count: string, stuck: string) => string;
  readonly silent: (names: string) => string;
  readonly fills: (progress: FillProgress) => string;
  readonly after: string;
}

interface FillProgress {
  readonly name: string;
  readonly done: string;
  readonly total: string;
  readonly percent: string;
  readonly bytes: string;
  /** Undefined while nobody knows. */
  readonly left: string | undefined;
}

const TEXTS: Texts<StatusTexts> = {
  en: {
    description: 'show the servers, what each holds and what is still on its way',
    scope: 'fleet: ask every agent; server: only what the asked one knows',
    badScope: '--scope needs server or fleet',
    columns: ['server', 'state', 'images', 'open copies', 'lag', 'disk', 'address'],
    warming: (word, left) => `${word}, ${left} left`,
    unknown: '?',
    free: (free, total) => `${free} free of ${total}`,
    allWell: (servers, images) => `All ${String(servers)} servers are up; no copy is waiting. ${images} images.`,
    allUp: (servers) => (servers === 0 ? 'No server is watched.' : `All ${String(servers)} servers are up.`),
    open: (count, stuck) =>
      `${count} copies wait to be sent (${stuck} have failed or are parked); "imagefleet errors" tells why.`,
    silent: (names) => `No answer from: ${names}`,
    fills: ({ name, done, total, percent, bytes, left }) =>
      `${name} fills itself again: ${done} of ${total} images are there (${percent} %), ${bytes} fetched` +
      (left === undefined ? '' : `, about ${left} left`),
    after: `
Examples:
  $ imagefleet status
  $ imagefleet status --server http://10.0.0.1:7401 --key KEY --json
"open copies" is what this server still lacks, "lag" how long the oldest of them has been waiting.
A question mark means that nobody could tell, a dash that there is nothing to tell. "imagefleet why SERVER" says what
a state rests on. Exit code 1 when a server is down or takes no copies, or an
agent does not answer.`,
  },
  zh: {
    description: '查看各服务器、各自的图片数和待同步的副本',
    scope: 'fleet：询问每个节点；server：只看被询问的这一台',
    badScope: '--scope 应为 server 或 fleet',
    columns: ['服务器', '状态', '图片', '待同步副本', '同步延迟', '磁盘', '地址'],
    warming: (word, left) => `${word}，还需 ${left}`,
    unknown: '?',
    free: (free, total) => `剩余 ${free}，共 ${total}`,
    allWell: (servers, images) => `全部 ${String(servers)} 台服务器在线，没有待同步的副本。共 ${images} 张图片。`,
    allUp: (servers) => (servers === 0 ? '没有监控任何服务器。' : `全部 ${String(servers)} 台服务器在线。`),
    open: (count, stuck) => `有 ${count} 个待同步副本（其中 ${stuck} 个失败或暂停），原因请看 “imagefleet errors”。`,
    silent: (names) => `没有应答：${names}`,
    fills: ({ name, done, total, percent, bytes, left }) =>
      `${name} 正在补齐图片：已有 ${done}，共 ${total}（${percent} %），已取回 ${bytes}` +
      (left === undefined ? '' : `，约需 ${left}`),
    after: `
示例：
  $ imagefleet status
  $ imagefleet status --server http://10.0.0.1:7401 --key 密钥 --json
“待同步副本”是该服务器还缺少的图片数，“同步延迟”是其中最早的一个已等待的时间。
问号表示无人知道，短横表示没有可说的。“imagefleet why 服务器” 说明判定的依据。
有服务器离线或不接收副本，或有节点没有应答时，退出码为 1。`,
  },
};

export function statusCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return withAccess(new Command('status'), context)
    .description(texts.description)
    .option('--scope <scope>', texts.scope, 'fleet')
    .addHelpText('after', texts.after)
    .action(async (options: AccessOptions & { readonly scope: string }) => {
      const { scope } = options;
      if (scope !== 'server' && scope !== 'fleet') {
        context.err(`imagefleet status: ${texts.badScope}`);
        throw new ExitWith(2);
      }
      const access = await resolveAccess(options, context);
      const answer = await askFirst(access, (client) => client.listServers({ scope }));
      if (options.json === true) context.out(JSON.stringify(answer));
      else for (const line of statusLines(answer, context.language)) context.out(line);
      // One that is up and takes no copies has a cause, too.
      const isAmiss = answer.servers.some(({ state, cause }) => state === 'down' || (state === 'up' && cause !== null));
      if (isAmiss || answer.silent.length > 0) throw new ExitWith(1);
    });
}

function statusLines(answer: OperatorOutput<'listServers'>, language: Language): readonly string[] {
  const texts = TEXTS[language];
  const rows = answer.servers.map((server) => [
    server.name,
    stateOf(server, language),
    ...(server.isAgent ? agentCells(server, texts) : ['–', '–', '–', '–']),
    server.isAgent ? server.url : (server.address ?? server.url),
  ]);
  const causes = answer.servers.flatMap((server) =>
    server.cause === null
      ? []
      : [
          `${server.name}: ${errorSentence(server.cause.code, language).title} [${server.cause.code}] ${server.cause.message}`,
        ],
  );
  return [
    ...tableLines([texts.columns, ...rows], [2, 3, 4]),
    ...causes,
    ...answer.servers.flatMap((server) => fillLine(server, texts)),
    ...(answer.silent.length > 0 ? [texts.silent(answer.silent.join(', '))] : []),
    ...summary(answer, texts),
  ];
}

/** How long a warm-up still takes stands beside it. */
function stateOf({ state, warmUpLeftMs }: ServerEntry, language: Language): string {
  const word = STATE_WORDS[language][state];
  return warmUpLeftMs === null ? word : TEXTS[language].warming(word, formatSeconds(warmUpLeftMs / 1000));
}

/** What only an agent has. */
function agentCells(server: ServerEntry, texts: StatusTexts): readonly string[] {
  const { images, backlog, lagSeconds, disk } = server;
  return [
    images === null ? texts.unknown : formatCount(images),
    backlog === null ? texts.unknown : formatCount(openCount(server)),
    lagSeconds === null ? '–' : formatSeconds(lagSeconds),
    disk === null ? texts.unknown : texts.free(formatBytes(disk.freeBytes), formatBytes(disk.totalBytes)),
  ];
}

function summary({ servers, silent }: OperatorOutput<'listServers'>, texts: StatusTexts): readonly string[] {
  const open = servers.reduce((sum, server) => sum + openCount(server), 0);
  const stuck = servers.reduce(
    (sum, { backlog }) => sum + (backlog?.failed ?? 0) + (backlog?.parked ?? 0) + (backlog?.dead ?? 0),
    0,
  );
  if (open > 0) return [texts.open(formatCount(open), formatCount(stuck))];
  const images = Math.max(0, ...servers.map((server) => server.images ?? 0));
  // Nobody knows what a silent server still has to send.
  const isWell = silent.length === 0 && servers.every((server) => server.state === 'up' && server.reseed === null);
  if (!isWell) return [];
  const hasAgent = servers.some(({ isAgent }) => isAgent);
  return [hasAgent ? texts.allWell(servers.length, formatCount(images)) : texts.allUp(servers.length)];
}

function fillLine({ name, reseed }: ServerEntry, texts: StatusTexts): readonly string[] {
  if (reseed === null) return [];
  const { total, done, bytesDone, etaSeconds } = reseed;
  return [
    texts.fills({
      name,
      done: formatCount(done),
      total: formatCount(total),
      percent: String(Math.floor((100 * done) / Math.max(1, total))),
      bytes: formatBytes(bytesDone),
      left: etaSeconds === null ? undefined : formatSeconds(etaSeconds),
    }),
  ];
}

function openCount({ backlog }: ServerEntry): number {
  if (backlog === null) return 0;
  return backlog.pending + backlog.inflight + backlog.failed + backlog.parked + backlog.dead;
}
