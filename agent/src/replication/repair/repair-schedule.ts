import type { PeerStatus, Replication } from '../replication.ts';
import type { Repair, RunRequest } from './repair.ts';

/** Part of the period by which runs are moved, so that the servers of a fleet do not all compare at the same time. */
const JITTER = 0.1;
/** After a peer has come or gone: long enough for the others to notice it as well, and for what is parked to set out. */
const SETTLE_MS = 1_000;
const SETTLE_JITTER_MS = 1_000;

export interface RepairScheduleDeps {
  readonly everyMs: number;
  readonly repair: Pick<Repair, 'start'>;
  readonly replication: Pick<Replication, 'peers' | 'onPeerChanged'>;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

/**
 * When this server compares with its peers: every hour or so, with a peer that is back, and with all that are left when
 * one has gone, because an image may have reached only some of them.
 */
export class RepairSchedule {
  readonly #deps: RepairScheduleDeps;
  readonly #states = new Map<string, PeerStatus['state']>();
  readonly #due = new Set<string>();
  #dueReason: RunRequest['reason'] = 'return';
  #period: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(deps: RepairScheduleDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { replication } = this.#deps;
    if (replication.peers().length === 0) return;
    for (const { name, state } of replication.peers()) this.#states.set(name, state);
    this.#unsubscribe = replication.onPeerChanged((peer) => this.#changed(peer));
    this.#plan();
  }

  /** Begins nothing any more; runs that have begun are stopped by Repair. */
  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#period);
    clearTimeout(this.#settling);
  }

  #plan(): void {
    const { everyMs, random, repair } = this.#deps;
    this.#period = setTimeout(
      () => {
        repair.start({ reason: 'schedule', withCopies: false });
        this.#plan();
      },
      Math.round(everyMs * (1 - JITTER + 2 * JITTER * random())),
    );
  }

  #changed({ name, state }: PeerStatus): void {
    const before = this.#states.get(name);
    this.#states.set(name, state);
    if (state === before) return;
    if (state === 'up') this.#settle([name], 'return');
    else if (before === 'up') this.#settle(this.#namesUp(), 'fall');
  }

  #namesUp(): readonly string[] {
    return [...this.#states].filter(([, state]) => state === 'up').map(([name]) => name);
  }

  #settle(servers: readonly string[], reason: RunRequest['reason']): void {
    if (servers.length === 0) return;
    for (const server of servers) this.#due.add(server);
    this.#dueReason = reason;
    this.#settling ??= setTimeout(() => this.#runDue(), SETTLE_MS + SETTLE_JITTER_MS * this.#deps.random());
  }

  #runDue(): void {
    const up = new Set(this.#namesUp());
    const servers = [...this.#due].filter((name) => up.has(name));
    this.#due.clear();
    this.#settling = undefined;
    if (servers.length > 0) this.#deps.repair.start({ reason: this.#dueReason, servers, withCopies: false });
  }
}
