import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';
import type { PeerHealth } from '../peer-health.ts';

const SILENT: DeliveryCause = { code: 'PEER_TIMEOUT', message: 'no answer in time' };

/** Peers that are as reachable as a test says; what is asked of it is noted. */
export class FakePeerHealth implements PeerHealth {
  readonly suspected: string[] = [];
  readonly probed: string[] = [];
  /** Runs while somebody waits for a probe. */
  onProbe: (peer: string) => void = () => undefined;
  readonly #peers = new Map<string, { readonly reachability: Reachability; readonly cause: DeliveryCause | null }>();
  readonly #listeners = new Set<(peer: string, reachability: Reachability) => void>();

  set(peer: string, reachability: Reachability, cause = reachability === 'unreachable' ? SILENT : null): void {
    this.#peers.set(peer, { reachability, cause });
    for (const listener of this.#listeners) listener(peer, reachability);
  }

  reachability(peer: string): Reachability {
    return this.#peers.get(peer)?.reachability ?? 'unknown';
  }

  cause(peer: string): DeliveryCause | null {
    return this.#peers.get(peer)?.cause ?? null;
  }

  /** As the monitor does it: what was reachable is doubted until a probe has told. */
  suspect(peer: string): void {
    this.suspected.push(peer);
    if (this.reachability(peer) === 'reachable') this.set(peer, 'doubted', SILENT);
  }

  probeNow(peer: string): Promise<Reachability> {
    this.probed.push(peer);
    this.onProbe(peer);
    return Promise.resolve(this.reachability(peer));
  }

  onChanged(listener: (peer: string, reachability: Reachability) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
