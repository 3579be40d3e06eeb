import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';

/**
 * Who watches the peers, as replication sees it: whether somebody answers there. Whether that somebody takes copies is
 * another question, which replication asks itself (admission.ts). Peers are named as in the configuration.
 */
export interface PeerHealth {
  reachability(peer: string): Reachability;
  /**
   * What the latest failed probe saw. Null while the peer is reachable, and before anything is known; so `unknown` with a
   * cause means that it cannot be known, as when our own network is gone. The code PEER_UNREACHABLE means that the peer
   * lives, as others say, and that only we do not get there.
   */
  cause(peer: string): DeliveryCause | null;
  /** Something happened that the latest probe does not explain, such as a push that failed: probe soon. Cheap. */
  suspect(peer: string): void;
  /** Probes once, together with whoever else does, and answers what is known then. Bounded in time; never rejects. */
  probeNow(peer: string, signal: AbortSignal): Promise<Reachability>;
  /** Hears of each change of reachability, and of `unknown` that gets a cause. Returns its own end. */
  onChanged(listener: (peer: string, reachability: Reachability) => void): () => void;
}
