import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { NO_CAUSE } from '@imagefleet/shared/common/delivery/delivery.ts';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import type { Texts } from './language.ts';
import { openCounter, type Selection } from './open-deliveries.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';

const POLL_MS = 500;
const WAIT_LIMIT_MS = 10 * 60_000;

interface ReplayTexts {
  readonly description: string;
  readonly to: string;
  readonly cause: string;
  readonly id: string;
  readonly all: string;
  readonly wait: string;
  readonly scope: string;
  readonly what: string;
  readonly requeued: (count: string) => string;
  readonly unreachable: (names: string) => string;
  readonly silent: (names: string) => string;
  readonly left: (count: string) => string;
  readonly empty: string;
  readonly late: (count: string) => string;
  readonly after: string;
}

const TEXTS: Texts<ReplayTexts> = {
  en: {
    description: 'try failed, parked and dead copies now',
    to: 'only copies to this server, by its name',
    cause: 'only copies that failed for this cause, such as PEER_TIMEOUT; none: those without a cause',
    id: 'only these deliveries (see "errors --list")',
    all: 'everything that is open',
    wait: 'wait until nothing of that is open any more (at most 10 minutes)',
    scope: 'fleet: on every agent; server: only on the asked one (always so with --id)',
    what: 'say what to replay: --to, --cause, --id or --all (and --scope server or fleet)',
    requeued: (count) => `${count} copies go out now`,
    unreachable: (names) => `still not reachable, their copies stay parked: ${names}`,
    silent: (names) => `no answer from: ${names}`,
    left: (count) => `${count} open`,
    empty: 'nothing is open any more',
    late: (count) => `${count} copies are still open; "imagefleet errors" tells why`,
    after: `
Examples:
  $ imagefleet replay --all --wait
  $ imagefleet replay --to s3
  $ imagefleet replay --cause PEER_DISK_FULL
  $ imagefleet replay --id 17 18 19
Each server is probed once first: copies to one that does not answer stay parked and cost no attempt.`,
  },
  zh: {
    description: '立即重新同步失败、暂停和需要处理的副本',
    to: '只处理发往这台服务器（按名称）的副本',
    cause: '只处理因此原因失败的副本，例如 PEER_TIMEOUT；none：没有原因的副本',
    id: '只处理这些编号（见 “errors --list”）',
    all: '处理全部未完成的副本',
    wait: '一直等到所选副本全部完成（最多 10 分钟）',
    scope: 'fleet：在每个节点上；server：只在被询问的这一台（用 --id 时总是如此）',
    what: '请指定要重新同步什么：--to、--cause、--id 或 --all（--scope 应为 server 或 fleet）',
    requeued: (count) => `现在发出 ${count} 个副本`,
    unreachable: (names) => `仍连接不上，其副本保持暂停：${names}`,
    silent: (names) => `没有应答：${names}`,
    left: (count) => `还有 ${count} 个未完成`,
    empty: '已全部完成',
    late: (count) => `仍有 ${count} 个未完成，原因请看 “imagefleet errors”`,
    after: `
示例：
  $ imagefleet replay --all --wait
  $ imagefleet replay --to s3
  $ imagefleet replay --cause PEER_DISK_FULL
  $ imagefleet replay --id 17 18 19
会先探测每台服务器一次：没有应答的，其副本保持暂停，也不计尝试次数。`,
  },
};

interface ReplayOptions extends AccessOptions {
  readonly to?: string;
  readonly cause?: string;
  readonly id?: readonly string[];
  readonly all?: boolean;
  readonly wait?: boolean;
  readonly scope: string;
}

export function replayCommand(context: CliContext): Command {
  const texts = TEXTS[context.language];
  return withAccess(new Command('replay'), context)
    .description(texts.description)
    .option('--to <name>', texts.to)
    .option('--cause <code>', texts.cause)
    .option('--id <n...>', texts.id)
    .option('--all', texts.all)
    .option('--wait', texts.wait)
    .option('--scope <scope>', texts.scope, 'fleet')
    .addHelpText('after', texts.after)
    .action(async (options: ReplayOptions) => {
      const selection = select(options);
      if (selection === undefined) {
        context.err(`imagefleet replay: ${texts.what}`);
        throw new ExitWith(2);
      }
      await replay(options, selection, context);
    });
}

/** Undefined when nothing was selected or a value has the wrong form. */
function select(options: ReplayOptions): Selection | undefined {
  const { scope, cause, to } = options;
  const ids = options.id?.map(Number);
  if (scope !== 'server' && scope !== 'fleet') return undefined;
  if (cause !== undefined && cause !== NO_CAUSE && !isErrorCode(cause)) return undefined;
  if (ids?.some((id) => !Number.isInteger(id)) === true) return undefined;
  if (ids === undefined && cause === undefined && to === undefined && options.all !== true) return undefined;
  return {
    // Ids are each server's own: asked of the whole fleet they would mean other deliveries elsewhere.
    scope: ids === undefined ? scope : 'server',
    ...(ids === undefined ? {} : { ids }),
    ...(to === undefined ? {} : { server: to }),
    ...(cause === undefined ? {} : { cause }),
    ...(options.all === true ? { all: true as const } : {}),
  };
}

async function replay(options: ReplayOptions, selection: Selection, context: CliContext): Promise<void> {
  const texts = TEXTS[context.language];
  const isJson = options.json === true;
  const access = await resolveAccess(options, context);
  const { answer, remaining } = await askFirst(access, async (client) => {
    const countOpen = options.wait === true ? await openCounter(client, selection) : undefined;
    const answered = await client.replayDeliveries(selection);
    if (!isJson) for (const line of answerLines(answered, texts)) context.err(line);
    return { answer: answered, remaining: countOpen && (await untilEmpty(countOpen, context, texts)) };
  });
  if (isJson) context.out(JSON.stringify({ ...answer, ...(remaining === undefined ? {} : { remaining }) }));
  else if (remaining !== undefined) context.out(remaining === 0 ? texts.empty : texts.late(formatCount(remaining)));
  if (answer.unreachable.length > 0 || answer.silent.length > 0 || (remaining ?? 0) > 0) throw new ExitWith(1);
}

function answerLines(
  answer: { readonly requeued: number; readonly unreachable: readonly string[]; readonly silent: readonly string[] },
  texts: ReplayTexts,
): readonly string[] {
  return [
    texts.requeued(formatCount(answer.requeued)),
    ...(answer.unreachable.length > 0 ? [texts.unreachable(answer.unreachable.join(', '))] : []),
    ...(answer.silent.length > 0 ? [texts.silent(answer.silent.join(', '))] : []),
  ];
}

/** Polls until nothing of the selection is open; returns how many are open when it gives up. */
async function untilEmpty(countOpen: () => Promise<number>, context: CliContext, texts: ReplayTexts): Promise<number> {
  const signal = context.stopSignal();
  const deadline = context.now() + WAIT_LIMIT_MS;
  let shown = -1;
  for (;;) {
    const open = await countOpen();
    if (open === 0 || signal.aborted || context.now() > deadline) return open;
    if (open !== shown && context.isTerminal) context.err(texts.left(formatCount(open)));
    shown = open;
    await sleep(POLL_MS, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw new FleetError('INTERNAL', 'waiting failed', { cause: error });
    });
  }
}
