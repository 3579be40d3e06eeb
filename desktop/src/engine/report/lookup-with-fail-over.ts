import { setTimeout as delay } from 'node:timers/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Lookup } from '#engine/queue/upload-ports.ts';
import type { FirstHealthyTarget, TargetView } from '#engine/target/first-healthy-target.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * What the fleet has of these hashes, at whichever server answers. `patienceMs`: how long it goes on while none does, default
 * PATIENCE_MS. Fails with FleetError, or the signal's reason.
 */
export type LookupAnywhere = (
  sha256: readonly string[],
  signal: AbortSignal,
  patienceMs?: number,
) => Promise<OperatorOutput<'lookupImages'>>;

export interface LookupClock {
  /** Milliseconds since the epoch, as the target has them. */
  readonly now: () => number;
  /** Fails with the signal's reason. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Outlasts a server that starts again and every pause that one asks for. */
export const PATIENCE_MS = 60_000;
/** A server may open early because the fleet sees it back, of which nobody tells us. */
const LOOK_AGAIN_MS = 1000;
/** Against asking without a pause where the end of one has come and still nobody takes requests. */
const MIN_WAIT_MS = 50;
/** More than the largest fleet needs, where one server may be asked twice before it counts as failed. */
const MAX_TRIES = 50;

const REAL_CLOCK: LookupClock = { now: Date.now, wait: (ms, signal) => untilAborted(delay(ms), signal) };

/**
 * Looks up at the server that would take the next upload, and at the next one when that fails; what was learned of a server
 * counts for uploads as well. While none takes requests it waits, unless nothing but somebody's hand can change that. Errors:
 * what stands against the servers, that of which no wait helps before any other; PEER_UNREACHABLE when nothing is known.
 */
export function lookupWithFailOver(
  target: Pick<FirstHealthyTarget, 'begin' | 'openAt' | 'view'>,
  lookup: Lookup,
  clock: LookupClock = REAL_CLOCK,
): LookupAnywhere {
  return async (sha256, signal, patienceMs = PATIENCE_MS) => {
    const endsAt = clock.now() + patienceMs;
    let failure: FleetError | undefined;
    for (let tries = 0; tries < MAX_TRIES;) {
      signal.throwIfAborted();
      const turn = target.begin();
      if (turn === undefined) {
        if (clock.now() >= endsAt || !target.view().some(mayOpen)) break;
        const waitMs = Math.min(target.openAt() - clock.now(), endsAt - clock.now(), LOOK_AGAIN_MS);
        await clock.wait(Math.max(waitMs, MIN_WAIT_MS), signal);
        continue;
      }
      tries += 1;
      try {
        const answer = await untilAborted(lookup(turn.server, sha256), signal);
        turn.succeeded();
        return answer;
      } catch (error) {
        if (signal.aborted || !(error instanceof FleetError)) {
          turn.dropped();
          throw error;
        }
        turn.failed(error, undefined);
        failure = error;
      }
    }
    throw whyNone(target.view(), failure);
  };
}

/** By itself, and soon: not what somebody took out, nor what refuses our key. */
function mayOpen({ heard, error }: TargetView): boolean {
  return heard !== 'maintenance' && error?.isRetryable !== false;
}

function whyNone(servers: readonly TargetView[], failure: FleetError | undefined): FleetError {
  const errors = servers.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const known = errors.find(({ isRetryable }) => !isRetryable) ?? failure ?? errors[0];
  if (known !== undefined) return known;
  const isOut = servers.length > 0 && servers.every(({ heard }) => heard === 'maintenance');
  const why = isOut ? 'all servers of the fleet are in maintenance' : 'no server of the fleet takes requests';
  return new FleetError('PEER_UNREACHABLE', `${why} at the moment`);
}
