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
      if (input.scope === 'server') return { ...(await replayOwn(deps, input)), silent: [] };
      if (input.ids !== undefined)
        throw new FleetError('INPUT_INVALID', 'ids: are rows of one server; ask that server, without scope=fleet.');
      const own = input.server === deps.name ? { requeued: 0, unreachable: [] } : await replayOwn(deps, input);
      // A server owes itself nothing, and would say so with an error.
      const inputFor = (name: string): OperatorInput<'replayDeliveries'> | undefined => {
        return name === input.server ? undefined : { ...input, scope: 'server' };
      };
      const { answers, silent } = await askFleet(deps.fleet, 'replayDeliveries', inputFor);
      const all = [own, ...answers.values()];
      const unreachable = [...new Set(all.flatMap((answer) => answer.unreachable))].sort();
      return { requeued: all.reduce((sum, { requeued }) => sum + requeued, 0), unreachable, silent };
    },
  };
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
