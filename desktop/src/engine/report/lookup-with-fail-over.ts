import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Lookup, TargetChoice } from '#engine/queue/upload-ports.ts';
import { untilAborted } from './until-aborted.ts';

/** What the fleet has of these hashes, at whichever server answers. Fails with FleetError, or the signal's reason. */
export type LookupAnywhere = (
  sha256: readonly string[],
  signal: AbortSignal,
) => Promise<OperatorOutput<'lookupImages'>>;

/** One server is asked twice at most before it counts as failed, so this reaches several. */
const MAX_TRIES = 6;

/**
 * Looks up at the server that would take the next upload, and at the next one when that fails; what was learned of a server
 * counts for uploads as well. Errors: that of the last server, or PEER_UNREACHABLE when none takes requests.
 */
export function lookupWithFailOver(target: Pick<TargetChoice, 'begin'>, lookup: Lookup): LookupAnywhere {
  return async (sha256, signal) => {
    let failure = new FleetError('PEER_UNREACHABLE', 'no server of the fleet takes requests at the moment');
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      signal.throwIfAborted();
      const turn = target.begin();
      if (turn === undefined) break;
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
    throw failure;
  };
}
