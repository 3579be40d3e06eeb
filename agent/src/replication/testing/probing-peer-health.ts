import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';
import type { PeerHealth } from '../peer-health.ts';

const INTERVAL_MS = 500;
const DOUBT_INTERVAL_MS = 50;
const TIMEOUT_MS = 500;
const FALL = 3;

interface Peer {
  readonly url: string;
  reachability: Reachability;
  cause: DeliveryCause | null;
  failures: number;
  timer: NodeJS.Timeout | undefined;
  probing: Promise<void> | null;
}

/** Asks peers over real sockets whether they live, as the monitor does, with nothing of its damping and its witnesses. */
export class ProbingPeerHealth implements PeerHealth {
  readonly #peers: ReadonlyMap<string, Peer>;
  readonly #listeners = new Set<(peer: string, reachability: Reachability) => void>();
  readonly #stopped = new AbortController();

  constructor(peers: readonly { readonly name: string; readonly url: string }[]) {
    const first = { reachability: 'unknown', cause: null, failures: 0, timer: undefined, probing: null } as const;
    this.#peers = new Map(peers.map(({ name, url }) => [name, { url, ...first }]));
  }

  start(): void {
    for (const name of this.#peers.keys()) void this.#probe(name);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const { timer } of this.#peers.values()) clearTimeout(timer);
    for (const { probing } of this.#peers.values()) await probing;
  }

  reachability(name: string): Reachability {
    return this.#peer(name).reachability;
  }

  cause(name: string): DeliveryCause | null {
    return this.#peer(name).cause;
  }

  suspect(name: string): void {
    if (this.reachability(name) === 'reachable') this.#set(name, 'doubted');
    void this.#probe(name);
  }

  async probeNow(name: string): Promise<Reachability> {
    await this.#probe(name);
    return this.reachability(name);
  }

  onChanged(listener: (peer: string, reachability: Reachability) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`${name} is not watched`);
    return peer;
  }

  async #probe(name: string): Promise<void> {
    const peer = this.#peer(name);
    clearTimeout(peer.timer);
    peer.probing ??= this.#probeOnce(name, peer).finally(() => (peer.probing = null));
    await peer.probing;
  }

  async #probeOnce(name: string, peer: Peer): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const failure = await fetch(`${peer.url}/health/live`, { signal }).then(
      (answer) => answer.text().then(() => (answer.ok ? undefined : String(answer.status))),
      (error: unknown) => String(error),
    );
    if (this.#stopped.signal.aborted) return;
    peer.failures = failure === undefined ? 0 : peer.failures + 1;
    peer.cause = failure === undefined ? null : { code: 'PEER_TIMEOUT', message: `no answer (${failure})` };
    if (failure === undefined) this.#set(name, 'reachable');
    else if (peer.failures >= FALL) this.#set(name, 'unreachable');
    else if (peer.reachability === 'reachable') this.#set(name, 'doubted');
    const isInDoubt = peer.failures > 0 && peer.failures < FALL;
    peer.timer = setTimeout(() => void this.#probe(name), isInDoubt ? DOUBT_INTERVAL_MS : INTERVAL_MS);
  }

  #set(name: string, reachability: Reachability): void {
    const peer = this.#peer(name);
    if (peer.reachability === reachability) return;
    peer.reachability = reachability;
    for (const listener of this.#listeners) listener(name, reachability);
  }
}
