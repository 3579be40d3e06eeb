import type { Observation, ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';

/** Probes in a row that could not be made, after which that is a cause to give, though it says nothing of the server. */
const OWN_FAILURES = 3;
/** Whoever waits for a probe is answered by then with what is known, however long the configured timeout is. */
const PROBE_LIMIT_MS = 5_000;

export interface PeerHealthAdapterDeps {
  /** The monitor's `suspect`. A function, because the monitor is built after this, which is one of its sinks. */
  readonly suspect: (server: string) => void;
  /** Whether witnesses reach the server (the rule of its verdict is `witnesses-reach-it`). */
  readonly isReachedByOthers: (server: string) => boolean;
}

interface Peer {
  readonly reachability: Reachability;
  readonly cause: ProbeCause | null;
  readonly ownFailures: number;
}

const NOT_SEEN: Peer = { reachability: 'unknown', cause: null, ownFailures: 0 };

/**
 * The monitor as replication sees it: a sink of its verdicts on one side, the port PeerHealth on the other. It keeps one
 * small row a server and decides nothing.
 */
export class PeerHealthAdapter {
  readonly #deps: PeerHealthAdapterDeps;
  readonly #peers = new Map<string, Peer>();
  readonly #listeners = new Set<(peer: string, reachability: Reachability) => void>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(deps: PeerHealthAdapterDeps) {
    this.#deps = deps;
  }

  /** Sink of the monitor. */
  readonly onReachability = (server: string, reachability: Reachability, cause: ProbeCause | null): void => {
    this.#keep(server, { ...this.#peer(server), reachability, cause: this.#causeOf(server, reachability, cause) });
  };

  /** Sink of the monitor. */
  readonly onObservation = (server: string, observation: Observation): void => {
    const peer = this.#peer(server);
    const ownFailures = observation.kind === 'ownFailure' ? peer.ownFailures + 1 : 0;
    const isHopeless = peer.reachability === 'unknown' && peer.cause === null && ownFailures >= OWN_FAILURES;
    const cause = isHopeless && observation.kind === 'ownFailure' ? observation.cause : peer.cause;
    this.#keep(server, { ...peer, ownFailures, cause });
    // Woken in the next microtask, when the monitor has judged what it tells here.
    for (const wake of this.#waiting.get(server) ?? []) wake();
  };

  reachability(peer: string): Reachability {
    return this.#peer(peer).reachability;
  }

  cause(peer: string): ProbeCause | null {
    return this.#peer(peer).cause;
  }

  suspect(peer: string): void {
    this.#deps.suspect(peer);
  }

  async probeNow(peer: string, signal: AbortSignal): Promise<Reachability> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    const waiting = this.#waiting.get(peer) ?? new Set();
    this.#waiting.set(peer, waiting.add(wake));
    const late = setTimeout(wake, PROBE_LIMIT_MS);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
    this.#deps.suspect(peer);
    await promise;
    signal.removeEventListener('abort', wake);
    clearTimeout(late);
    waiting.delete(wake);
    return this.reachability(peer);
  }

  onChanged(listener: (peer: string, reachability: Reachability) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #causeOf(server: string, reachability: Reachability, cause: ProbeCause | null): ProbeCause | null {
    if (reachability === 'reachable' || cause === null) return null;
    if (reachability !== 'unreachable') return cause;
    return { code: this.#deps.isReachedByOthers(server) ? 'PEER_UNREACHABLE' : 'PEER_DOWN', message: cause.message };
  }

  #peer(server: string): Peer {
    return this.#peers.get(server) ?? NOT_SEEN;
  }

  #keep(server: string, after: Peer): void {
    const before = this.#peer(server);
    this.#peers.set(server, after);
    const isNews = before.reachability !== after.reachability || (before.cause === null) !== (after.cause === null);
    if (isNews) for (const listener of this.#listeners) listener(server, after.reachability);
  }
}
