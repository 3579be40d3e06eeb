import { NO_CAUSE, type CauseFilter } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** What is replayed: everything, what one server lacks, or that for one cause only. */
export interface ReplayTarget {
  /** Undefined: of all servers. */
  readonly server?: string;
  readonly cause?: CauseFilter;
}

/** What the answer to the replay said. */
export interface ReplayBegun {
  readonly target: ReplayTarget;
  readonly requeued: number;
  readonly unreachable: readonly string[];
  readonly silent: readonly string[];
  /** When it was answered, by the clock of the servers, epoch milliseconds. */
  readonly at: number;
}

export interface ReplayProgress {
  readonly total: number;
  /** Ended in some way; `failed` are among them. */
  readonly done: number;
  readonly failed: number;
  readonly isOver: boolean;
}

/** Data of a `progress` event (docs/api.md): this server's own part of a replay. */
export interface ToldProgress {
  readonly id: string;
  readonly total: number;
  readonly delivered: number;
  readonly failed: number;
}

/**
 * How far a replay is. The agent that answers the console tells of its own part, exactly; when that is all of it, it is taken.
 * Otherwise what is still going to those servers is what is not done, whichever agent sends it.
 */
export function replayProgress(
  begun: ReplayBegun,
  groups: readonly DeliveryGroup[],
  told: ToldProgress | undefined,
): ReplayProgress {
  const total = begun.requeued;
  if (told !== undefined && told.total === total) {
    const done = Math.min(total, told.delivered + told.failed);
    return { total, done, failed: told.failed, isOver: done >= total };
  }
  const mine = groups.filter((group) => isOf(group, begun.target));
  // A busy site goes on uploading: what was queued since is none of it.
  const going = sumOf(groups.filter((group) => isGoing(group, begun.target) && group.oldestQueuedAt <= begun.at));
  const done = total - Math.min(total, going);
  const stuck = sumOf(mine.filter(({ state, server }) => isStuck(state) && !begun.unreachable.includes(server)));
  return { total, done, failed: Math.min(done, stuck), isOver: going === 0 };
}

/** A later look never shows less: new uploads to the same servers would push the bar back. */
export function furthest(before: ReplayProgress | undefined, now: ReplayProgress): ReplayProgress {
  return before === undefined || now.isOver || now.done >= before.done ? now : before;
}

/** The data of an event, if it tells of a replay. */
export function toldOf(data: Readonly<Record<string, unknown>>): ToldProgress | undefined {
  const { kind, id, total, delivered, failed } = data;
  if (kind !== 'replay' || typeof id !== 'string') return undefined;
  if (typeof total !== 'number' || typeof delivered !== 'number' || typeof failed !== 'number') return undefined;
  return { id, total, delivered, failed };
}

/** A copy that goes out again has lost its cause, or still has it, depending on why it does; one with another cause is not ours. */
function isGoing(group: DeliveryGroup, target: ReplayTarget): boolean {
  if (group.state !== 'pending' && group.state !== 'inflight') return false;
  return isOf(group, target) || (group.code === null && isOf(group, { ...target, cause: NO_CAUSE }));
}

function isOf({ server, code }: DeliveryGroup, target: ReplayTarget): boolean {
  if (target.server !== undefined && server !== target.server) return false;
  return target.cause === undefined || (code ?? NO_CAUSE) === target.cause;
}

function isStuck(state: DeliveryGroup['state']): boolean {
  return state === 'failed' || state === 'parked' || state === 'dead';
}

function sumOf(groups: readonly DeliveryGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
