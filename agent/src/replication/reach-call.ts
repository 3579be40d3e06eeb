import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { MAX_REACH_ADDRESSES, REACH_ANSWERS, type ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import { checked, parseJson } from './batch-manifest.ts';
import type { PeerClient } from './peer-client.ts';
import type { PeerCall } from './peer-endpoint.ts';

const REACH_PATH = '/peer/v1/reach';

const address = z.object({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65_535) });
const question = z.object({ addresses: z.array(address).min(1).max(MAX_REACH_ADDRESSES) });
const answer = z.object({ answers: z.array(z.enum(REACH_ANSWERS)).max(MAX_REACH_ADDRESSES) });

/** The call by which a peer asks whether we reach a server that is silent to it. */
export function reachCalls(
  reach: (addresses: readonly ServerAddress[]) => Promise<readonly ReachAnswer[]>,
): ReadonlyMap<string, PeerCall> {
  return new Map<string, PeerCall>([
    [
      REACH_PATH,
      async (_, line) => {
        const { addresses } = checked(question, parseJson(line), 'the question');
        return { answers: await reach(addresses) };
      },
    ],
  ]);
}

/**
 * Asks a peer whether it reaches these servers; its answers, in order. Throws what the client throws; PEER_ANSWER_INVALID
 * also when the peer is of a version that does not know the question.
 */
export async function askReach(
  client: Pick<PeerClient, 'question'>,
  addresses: readonly ServerAddress[],
  signal: AbortSignal,
): Promise<readonly ReachAnswer[]> {
  const asked = addresses.map(({ host, port }) => ({ host, port }));
  const parsed = answer.safeParse(await client.question(REACH_PATH, { addresses: asked }, signal));
  if (!parsed.success || parsed.data.answers.length !== addresses.length) {
    throw new FleetError('PEER_ANSWER_INVALID', 'the answers about other servers have a form that is not known');
  }
  return parsed.data.answers;
}
