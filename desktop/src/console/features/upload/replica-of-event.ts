import { replica, type Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { LiveEvent } from '#console/api/host.ts';

interface ReplicaNews {
  readonly path: string;
  readonly replica: Replica;
}

/** What a delivery's event says of a receipt; null for other events. */
export function replicaOfEvent({ kind, data }: LiveEvent): ReplicaNews | null {
  const { path, server, state, cause } = data;
  if (kind !== 'delivery' || typeof path !== 'string' || typeof state !== 'string') return null;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? { code: cause.code } : {};
  const parsed = replica.safeParse({ server, state: REPLICA_STATES[state] ?? 'pending', ...code });
  return parsed.success ? { path, replica: parsed.data } : null;
}

/** All others of the ledger are tried again by themselves. */
const REPLICA_STATES: Readonly<Record<string, Replica['state']>> = { delivered: 'stored', dead: 'failed' };
