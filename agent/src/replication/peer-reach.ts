import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';
import type { PeerHealth } from './peer-health.ts';

/**
 * A doubt that lasts longer counts as lost: others may reach the peer, so that nobody calls it down, and yet nothing of
 * ours gets there. Longer than a verdict takes at the default settings.
 */
const DOUBT_LIMIT_MS = 15_000;

export interface PeerReachDeps {
  readonly name: string;
  readonly health: PeerHealth;
  /** It can be reached, and could not be a moment ago. */
  readonly onReached: () => void;
  /** PEER_DOWN when it is known to be gone, PEER_UNREACHABLE when it is only known that we do not get there. */
  readonly onLost: (cause: DeliveryCause) => void;
}

/** Whether one peer can be reached: what its watcher says, put together with what pushes see. */
export class PeerReach {
  readonly #deps: PeerReachDeps;
  #reachability: Reachability = 'unknown';
  #hasBeenReached = false;
  /** Copies arrive although probes fail: the peer may be too busy to answer them in time. */
  #livesInDoubt = false;
  #isStopped = false;
  #doubtTimer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(deps: PeerReachDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { name, health } = this.#deps;
    this.#unsubscribe = health.onChanged((peer) => {
      if (peer === name) this.#observe();
    });
    this.#observe();
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    clearTimeout(this.#doubtTimer);
  }

  get isReachable(): boolean {
    return this.#reachability === 'reachable' || (this.#reachability === 'doubted' && this.#livesInDoubt);
  }

  /** A push lost its connection. */
  pushFailed(): void {
    this.#livesInDoubt = false;
    this.suspect();
    this.#limitDoubt();
  }

  /** Something has arrived there. */
  pushSucceeded(): void {
    if (this.isReachable) return;
    if (this.#reachability !== 'doubted') {
      this.suspect();
      return;
    }
    this.#livesInDoubt = true;
    this.#deps.onReached();
  }

  suspect(): void {
    this.#deps.health.suspect(this.#deps.name);
  }

  /** Probes once where it is not known to be reachable. */
  async probe(signal: AbortSignal): Promise<void> {
    if (this.#reachability === 'reachable') return;
    await this.#deps.health.probeNow(this.#deps.name, signal);
    this.#observe();
  }

  /** Takes over what its watcher says; without effect when that is nothing new. */
  #observe(): void {
    if (this.#isStopped) return;
    const { name, health, onReached } = this.#deps;
    const before = this.#reachability;
    this.#reachability = health.reachability(name);
    const isNew = this.#reachability !== before;
    if (isNew) {
      this.#livesInDoubt = false;
      clearTimeout(this.#doubtTimer);
    }
    switch (this.#reachability) {
      case 'reachable':
        this.#hasBeenReached = true;
        if (isNew) onReached();
        return;
      case 'doubted':
        if (isNew) this.#limitDoubt();
        return;
      case 'unreachable':
        if (isNew) this.#lose('PEER_DOWN');
        return;
      case 'unknown':
        // Right after the start nothing is known, and what is new waits for the first verdict.
        if (this.#hasBeenReached || health.cause(name) !== null) this.#lose('PEER_UNREACHABLE');
    }
  }

  #lose(code: 'PEER_DOWN' | 'PEER_UNREACHABLE'): void {
    const { name, health, onLost } = this.#deps;
    const { code: seen, message } = health.cause(name) ?? { message: `it is not known whether ${name} can be reached` };
    onLost({ code: seen === 'PEER_UNREACHABLE' ? seen : code, message });
  }

  #limitDoubt(): void {
    if (this.#reachability !== 'doubted' || this.#isStopped) return;
    clearTimeout(this.#doubtTimer);
    this.#doubtTimer = setTimeout(() => {
      if (!this.isReachable) this.#lose('PEER_UNREACHABLE');
    }, DOUBT_LIMIT_MS);
  }
}
