import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** What becomes of the copies of one row if nobody does anything. */
export type Fate =
  /** They are being sent at this moment, or wait for their turn. */
  | 'going'
  /** They go out when their server is back. */
  | 'whenBack'
  /** They go out when the server has room again. */
  | 'whenRoom'
  /** Each is tried again at a time of its own. */
  | 'retried'
  /** Nothing goes out by itself, because the source's configuration says so (autoRetry: false). */
  | 'byHand'
  /** Somebody has to act. */
  | 'needsYou';

/** All copies that one server lacks for one cause, whoever has them. */
export interface CauseRow {
  /** Names the row among the others. */
  readonly key: string;
  readonly server: string;
  /** Null where the ledger has no cause for what is stuck. */
  readonly code: ErrorCode | null;
  /** What the newest source said; names the case. */
  readonly message: string | null;
  readonly count: number;
  readonly bytes: number;
  /** When the oldest was queued, epoch milliseconds. */
  readonly since: number;
  readonly sources: readonly string[];
  readonly going: number;
  readonly failed: number;
  readonly parked: number;
  readonly dead: number;
  readonly fate: Fate;
}

export interface Causes {
  /** What needs somebody first, then the most copies. */
  readonly rows: readonly CauseRow[];
  /** Copies on their way that never failed: no error. */
  readonly flowing: number;
}

/** One row for each server and cause. */
export function causesOf(groups: readonly DeliveryGroup[]): Causes {
  const byKey = new Map<string, DeliveryGroup[]>();
  let flowing = 0;
  for (const group of groups) {
    if (group.count === 0) continue;
    if (group.code === null && isGoing(group)) {
      flowing += group.count;
      continue;
    }
    const key = `${group.server}|${group.code ?? ''}`;
    byKey.set(key, [...(byKey.get(key) ?? []), group]);
  }
  const rows = [...byKey].flatMap(([key, [first, ...more]]) =>
    first === undefined ? [] : [rowOf(key, [first, ...more])],
  );
  return { rows: rows.sort(byUrgency), flowing };
}

function rowOf(key: string, groups: readonly [DeliveryGroup, ...DeliveryGroup[]]): CauseRow {
  const sum = (wanted: (group: DeliveryGroup) => boolean): number =>
    groups.filter(wanted).reduce((total, { count }) => total + count, 0);
  const [{ server, code }] = groups;
  const byHand = sum(({ state, autoRetry }) => !autoRetry && (state === 'failed' || state === 'parked'));
  const counts = {
    going: sum(isGoing),
    failed: sum(({ state }) => state === 'failed'),
    parked: sum(({ state }) => state === 'parked'),
    dead: sum(({ state }) => state === 'dead'),
  };
  return {
    ...{ key, server, code, ...counts, fate: fateOf({ ...counts, byHand }, code) },
    message: groups.find(({ message }) => message !== null)?.message ?? null,
    count: sum(() => true),
    bytes: groups.reduce((total, { bytes }) => total + bytes, 0),
    since: Math.min(...groups.map(({ oldestQueuedAt }) => oldestQueuedAt)),
    sources: [...new Set(groups.map(({ source }) => source))].sort(),
  };
}

interface Counts extends Pick<CauseRow, 'dead' | 'parked' | 'failed'> {
  readonly byHand: number;
}

function fateOf({ dead, parked, failed, byHand }: Counts, code: ErrorCode | null): Fate {
  if (dead > 0) return 'needsYou';
  if (parked > 0 && code !== null && NEEDS_HANDS.has(code)) return 'needsYou';
  if (byHand > 0) return 'byHand';
  if (parked > 0) return code === 'PEER_DISK_FULL' ? 'whenRoom' : 'whenBack';
  return failed > 0 ? 'retried' : 'going';
}

/** A server that answers like this is there, and goes on answering like this until its configuration or clock is put right. */
const NEEDS_HANDS: ReadonlySet<ErrorCode> = new Set([
  'PEER_KEY_WRONG',
  'PEER_SELF',
  'PEER_DUPLICATE',
  'PEER_ANSWER_INVALID',
  'CLOCK_SKEW',
]);

/** Nothing more happens until somebody does something. */
export function needsSomebody(fate: Fate): boolean {
  return fate === 'needsYou' || fate === 'byHand';
}

function isGoing({ state }: DeliveryGroup): boolean {
  return state === 'pending' || state === 'inflight';
}

function byUrgency(a: CauseRow, b: CauseRow): number {
  const [first, second] = [a, b].map(({ fate }) => (needsSomebody(fate) ? 0 : 1));
  if (first !== second) return (first ?? 0) - (second ?? 0);
  return b.count - a.count || (a.key < b.key ? -1 : 1);
}
