import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';

/** A stretch of time in one state, epoch milliseconds; `to` is not part of it. */
export interface Block {
  readonly state: ServerState;
  readonly from: number;
  readonly to: number;
}

type History = Pick<HistoryAnswer, 'from' | 'to' | 'transitions' | 'latency'>;

/**
 * The states of a server from `from` to `to` without a gap. Transitions tell when a state ended and how long it lasted; where
 * two do not meet, the monitor was stopped in between: then the state holds as long as there were probes, and is unknown after.
 */
export function blocksOf(
  history: History,
  current: { readonly state: ServerState; readonly since: number | null },
): readonly Block[] {
  const blocks: Block[] = [];
  let reached = history.from;
  let known: ServerState = 'unknown';
  const until = (state: ServerState, to: number): void => {
    const end = Math.min(to, history.to);
    if (end <= reached) return;
    const last = blocks.at(-1);
    if (last?.state === state) blocks[blocks.length - 1] = { ...last, to: end };
    else blocks.push({ state, from: reached, to: end });
    reached = end;
  };
  for (const { at, from, to, lastedMs } of history.transitions) {
    const begunAt = at - lastedMs;
    if (begunAt > reached && from !== known) {
      if (known !== 'unknown') until(known, lastProbeAt(history, begunAt));
      until('unknown', begunAt);
    }
    until(from, at);
    known = to;
  }
  if (history.transitions.length === 0) until('unknown', current.since ?? history.to);
  until(current.state, history.to);
  return blocks;
}

/** End of the last interval with probes that begins before `before`; 0 without one. */
function lastProbeAt({ latency }: Pick<History, 'latency'>, before: number): number {
  const points = latency.filter(({ at, count }) => at < before && count > 0);
  const last = points.at(-1);
  if (last === undefined) return 0;
  return Math.min(before, last.at + stepMs(latency));
}

/** Length of the intervals, milliseconds: the smallest distance of two of them; 0 with fewer. */
export function stepMs(latency: readonly { readonly at: number }[]): number {
  const steps = latency.slice(1).map(({ at }, index) => at - (latency[index]?.at ?? at));
  return steps.length === 0 ? 0 : Math.min(...steps);
}
