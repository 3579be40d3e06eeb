import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type {
  OperatorHandlers,
  OperatorInput,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Replication } from '#replication/replication.ts';
import { askFleet, type FleetScopeDeps } from './fleet-scope.ts';
import type { ReplayProgress } from './replay-progress.ts';

export interface ReplayDeps {
  readonly replication: Pick<Replication, 'peers'>;
  readonly replays: Pick<ReplayProgress, 'replay'>;
  readonly fleet: FleetScopeDeps;
  readonly name: string;
}

/** Sends failed, parked and dead deliveries out again; the answer says how many, `progress` and `delivery` events say how they end. */
export function replayHandlers(deps: ReplayDeps): Pick<OperatorHandlers, 'replayDeliveries'> {
  return {
    replayDeliveries: async (input) => {
      const { source, ...asked } = input;
      if (input.scope === 'server') {
        // Passed over, it would replay the rows of this server in place of those that were meant.
        if (source !== undefined && source !== deps.name) throw foreignSource(deps.name, source);
        return { ...(await replayOwn(deps, asked)), silent: [] };
      }
      if (asked.ids !== undefined && source === undefined)
        throw new FleetError('INPUT_INVALID', 'ids: are rows of one server; say which one with source.');
      if (source !== undefined && !isOfFleet(deps, source))
        throw new FleetError('SERVER_UNKNOWN', `No agent of the fleet is called ${source}.`);
      // A server owes itself nothing, and would say so with an error.
      const isAsked = (name: string): boolean => name !== asked.server && (source === undefined || name === source);
      const own = isAsked(deps.name) ? await replayOwn(deps, asked) : { requeued: 0, unreachable: [] };
      const inputFor = (name: string): OperatorInput<'replayDeliveries'> | undefined => {
        return isAsked(name) ? { ...asked, scope: 'server' } : undefined;
      };
      const { answers, silent } = await askFleet(deps.fleet, 'replayDeliveries', inputFor);
      const all = [own, ...answers.values()];
      const unreachable = [...new Set(all.flatMap((answer) => answer.unreachable))].sort();
      return { requeued: all.reduce((sum, { requeued }) => sum + requeued, 0), unreachable, silent };
    },
  };
}

function foreignSource(name: string, source: string): FleetError {
  return new FleetError('INPUT_INVALID', `source: goes with scope=fleet; ${name} has no deliveries of ${source}.`, {
    hint: 'Add "scope": "fleet", or ask the server itself.',
  });
}

function isOfFleet({ replication, name }: ReplayDeps, source: string): boolean {
  return source === name || replication.peers().some((peer) => peer.name === source);
}

async function replayOwn(
  { replication, replays }: ReplayDeps,
  { ids, server, cause }: OperatorInput<'replayDeliveries'>,
): Promise<Omit<OperatorOutput<'replayDeliveries'>, 'silent'>> {
  if (server !== undefined && !replication.peers().some(({ name }) => name === server)) {
    throw new FleetError('SERVER_UNKNOWN', `No peer of this server is called ${server}.`);
  }
  const outcome = await replays.replay({ ids, server, cause });
  return { requeued: outcome.ids.length, unreachable: [...outcome.unreachable] };
}
