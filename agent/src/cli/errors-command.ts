import { Command } from 'commander';
import { errorSentence, PROMISE_RETRY } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry, DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { formatBytes, formatCount, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import { ERRORS_TEXTS } from './errors-texts.ts';
import { askFirst, resolveAccess, withAccess, type AccessOptions } from './server-access.ts';
import { tableLines } from './table.ts';

const PAGE_ROWS = 500;
const DAY_PATTERN = /^\d{4}-\d{2}-\d{2}$/;
/** On their way in good order: nobody needs to act or to worry. */
const FLOWING: ReadonlySet<DeliveryGroup['state']> = new Set(['pending', 'inflight']);

interface ErrorsOptions extends AccessOptions {
  readonly list?: boolean;
  readonly limit: string;
  readonly day?: string | true;
  readonly scope: string;
}

export function errorsCommand(context: CliContext): Command {
  const texts = ERRORS_TEXTS[context.language];
  return withAccess(new Command('errors'), context)
    .description(texts.description)
    .option('--list', texts.list)
    .option('--limit <n>', texts.limit, '100')
    .option('--day [yyyy-mm-dd]', texts.day)
    .option('--scope <scope>', texts.scope, 'fleet')
    .addHelpText('after', texts.after)
    .action(async (options: ErrorsOptions) => {
      const limit = Number(options.limit);
      const { scope, day } = options;
      const isScope = scope === 'server' || scope === 'fleet';
      if (!Number.isInteger(limit) || limit < 1 || !isScope || (typeof day === 'string' && !DAY_PATTERN.test(day))) {
        context.err(`imagefleet errors: ${texts.usage}`);
        throw new ExitWith(2);
      }
      if (day !== undefined) await showDay(options, context);
      else if (options.list === true) await showRows(options, { scope, limit }, context);
      else await showGroups(options, scope, context);
    });
}

async function showGroups(options: ErrorsOptions, scope: 'server' | 'fleet', context: CliContext): Promise<void> {
  const access = await resolveAccess(options, context);
  const summary = await askFirst(access, (client) => client.summarizeDeliveries({ scope }));
  if (options.json === true) context.out(JSON.stringify(summary));
  else for (const line of groupLines(summary, context)) context.out(line);
}

function groupLines(summary: OperatorOutput<'summarizeDeliveries'>, context: CliContext): readonly string[] {
  const texts = ERRORS_TEXTS[context.language];
  const stuck = summary.groups.filter((group) => !FLOWING.has(group.state));
  const flowing = summary.groups.filter((group) => FLOWING.has(group.state));
  const flowingCount = flowing.reduce((sum, group) => sum + group.count, 0);
  return [
    ...(stuck.length === 0 ? [texts.none] : stuck.flatMap((group) => describeGroup(group, context))),
    ...(flowingCount > 0 ? [texts.flowing(formatCount(flowingCount))] : []),
    ...(summary.silent.length > 0 ? [texts.silent(summary.silent.join(', '))] : []),
  ];
}

function describeGroup(group: DeliveryGroup, context: CliContext): readonly string[] {
  const texts = ERRORS_TEXTS[context.language];
  const since = formatInstant(group.oldestQueuedAt, context.now());
  const head = texts.group({
    count: formatCount(group.count),
    bytes: formatBytes(group.bytes),
    source: group.source,
    server: group.server,
    state: texts.states[group.state],
    since,
  });
  return [head, ...causeLines(group, context), ...replayLines(group, texts)];
}

function causeLines({ code, message, autoRetry }: DeliveryGroup, { language }: CliContext): readonly string[] {
  if (code === null) return [];
  const { title, todo } = errorSentence(code, language);
  const isTrue = todo !== '' && (autoRetry || !PROMISE_RETRY.has(code));
  return [`    ${title} [${code}]${message === null ? '' : ` ${message}`}`, ...(isTrue ? [`    → ${todo}`] : [])];
}

function replayLines(
  { state, source, server, code, autoRetry }: DeliveryGroup,
  texts: (typeof ERRORS_TEXTS)['en'],
): readonly string[] {
  if (state !== 'dead' && !autoRetry) return [`    → ${texts.replayOnly(source, server)}`];
  const isForHands = code !== null && (state === 'dead' || state === 'failed');
  return isForHands ? [`    → ${texts.replay(server)}`] : [];
}

async function showRows(
  options: ErrorsOptions,
  query: { readonly scope: 'server' | 'fleet'; readonly limit: number },
  context: CliContext,
): Promise<void> {
  const texts = ERRORS_TEXTS[context.language];
  const access = await resolveAccess(options, context);
  const { deliveries, silent, isComplete } = await askFirst(access, async (client) => {
    const rows: DeliveryEntry[] = [];
    const quiet = new Set<string>();
    let cursor: string | null | undefined;
    do {
      const page = await client.listDeliveries({
        scope: query.scope,
        limit: Math.min(PAGE_ROWS, query.limit - rows.length),
        ...(typeof cursor === 'string' ? { cursor } : {}),
      });
      rows.push(...page.deliveries);
      for (const name of page.silent) quiet.add(name);
      cursor = page.next;
    } while (typeof cursor === 'string' && rows.length < query.limit);
    return { deliveries: rows, silent: [...quiet], isComplete: cursor === null };
  });
  if (options.json === true) {
    context.out(JSON.stringify({ deliveries, silent, isComplete }));
    return;
  }
  const rows = deliveries.map((row) => [
    String(row.id),
    row.path,
    `${row.source} → ${row.server}`,
    texts.states[row.state],
    String(row.attempts),
    row.nextAttemptAt === null ? '–' : formatInstant(row.nextAttemptAt, context.now()),
    row.cause === null ? '' : `${errorSentence(row.cause.code, context.language).title} [${row.cause.code}]`,
  ]);
  for (const line of rows.length === 0 ? [texts.noRows] : tableLines([texts.columns, ...rows], [0, 4]))
    context.out(line);
  if (!isComplete) context.out(texts.more);
  if (silent.length > 0) context.out(texts.silent(silent.join(', ')));
}

async function showDay(options: ErrorsOptions, context: CliContext): Promise<void> {
  const texts = ERRORS_TEXTS[context.language];
  const access = await resolveAccess(options, context);
  const { day } = options;
  const page = await askFirst(access, (client) => client.readFailureLog(typeof day === 'string' ? { day } : {}));
  if (options.json === true) {
    context.out(JSON.stringify(page));
    return;
  }
  context.out(texts.dayHead(page.day, formatCount(page.lines.length)));
  const rows = page.lines.map((line) => [
    line.at,
    line.server,
    line.path,
    `${errorSentence(line.code, context.language).title} [${line.code}] ${line.message}`,
  ]);
  for (const line of tableLines(rows)) context.out(line);
  if (page.truncated) context.out(texts.truncated);
  if (page.days.length > 0) context.out(texts.days(page.days.join(' ')));
}
