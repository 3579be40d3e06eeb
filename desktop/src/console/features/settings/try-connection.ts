import type { EngineOutput } from '#bridge/engine-api.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';

/** Which of the two fields of a connection is wrong. */
export type ConnectionField = 'servers' | 'key';

export type ConnectionFinding =
  /** `isBlind`: the key takes uploads and may not look. `unfit`: servers that take none at this moment. */
  | {
      readonly isFine: true;
      readonly names: readonly string[];
      readonly isBlind: boolean;
      readonly unfit: readonly string[];
    }
  | { readonly isFine: false; readonly field: ConnectionField; readonly code: ErrorCode; readonly message: string };

const OF_THE_KEY: ReadonlySet<string> = new Set<ErrorCode>([
  'KEY_MISSING',
  'KEY_WRONG',
  'SESSION_MISSING',
  'ROLE_MISSING',
  'PEER_KEY_WRONG',
]);

interface Asked {
  readonly api: Pick<OperatorClient, 'listServers' | 'lookupImages'>;
  readonly readStatus: () => Promise<EngineOutput<'readStatus'>>;
}

/** Asks by what was just saved, and says at which field something is wrong. Fails only where the app itself does. */
export async function tryConnection({ api, readStatus }: Asked): Promise<ConnectionFinding> {
  const list = await outcomeOf(() => api.listServers({}));
  // A key that may only upload is a good key, and may not see the list.
  const isBlind = list instanceof FleetError && list.code === 'ROLE_MISSING';
  const outcome = isBlind ? await outcomeOf(() => api.lookupImages({ sha256: [] })) : list;
  if (outcome instanceof FleetError) return found(outcome);
  const { targets } = await readStatus();
  const unfit = targets.filter(({ problem }) => problem !== null).map(({ server }) => server);
  const names = list instanceof FleetError ? targets.map(({ server }) => server) : list.servers.map(({ name }) => name);
  return { isFine: true, names, isBlind, unfit };
}

async function outcomeOf<T>(ask: () => Promise<T>): Promise<T | FleetError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
}

function found({ code, message }: FleetError): ConnectionFinding {
  return { isFine: false, field: OF_THE_KEY.has(code) ? 'key' : 'servers', code, message };
}
