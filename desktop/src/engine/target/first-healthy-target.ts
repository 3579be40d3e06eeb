import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { HeardState, TargetChoice, TargetTurn } from '#engine/queue/upload-ports.ts';
import { preferredOrder, serverKey } from './preferred-order.ts';
import { ServerStanding, type Fitness } from './server-standing.ts';

export interface FirstHealthyTargetOptions {
  /** Starts of the servers' addresses, in any order. */
  readonly servers: readonly string[];
  /** Chosen once for this machine: it decides which server is preferred. */
  readonly machineKey: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** One server as a target, for people: why uploads go where they go. */
export interface TargetView {
  readonly server: string;
  readonly isFit: boolean;
  /** What the fleet says; undefined when it says nothing, or said it too long ago. */
  readonly heard: ServerState | undefined;
  /** Of our own last request that failed, until one succeeds. */
  readonly error: FleetError | undefined;
  readonly openAt: number;
}

interface Candidate {
  readonly server: string;
  readonly standing: ServerStanding;
}

/**
 * The first server that takes images, in the order of the resolver: one machine always prefers the same one, and all
 * machines together spread over all. It moves on with the first failure, and returns to the preferred one when the fleet
 * has seen it back and warm, or else after a wait and one trial request, while the others go on elsewhere.
 */
export class FirstHealthyTarget implements TargetChoice {
  readonly #options: FirstHealthyTargetOptions;
  #candidates: readonly Candidate[] = [];

  constructor(options: FirstHealthyTargetOptions) {
    this.#options = options;
    this.use(options.servers);
  }

  /** Other servers from now on; what is known of those that stay is kept. */
  use(servers: readonly string[]): void {
    const known = new Map(this.#candidates.map(({ server, standing }) => [serverKey(server), standing]));
    this.#candidates = preferredOrder(servers, this.#options.machineKey).map((server) => ({
      server,
      standing: known.get(serverKey(server)) ?? new ServerStanding(this.#options.random),
    }));
  }

  current(): string | undefined {
    return this.#choose()?.server;
  }

  begin(): TargetTurn | undefined {
    const chosen = this.#choose();
    if (chosen === undefined) return undefined;
    const { server, standing } = chosen;
    standing.begin(this.#options.now());
    return new Turn(server, standing, this.#options.now);
  }

  heard(states: readonly HeardState[]): void {
    const standings = new Map(this.#candidates.map(({ server, standing }) => [serverKey(server), standing]));
    for (const { server, state } of states) standings.get(serverKey(server))?.hear(state, this.#options.now());
  }

  /** Somebody wants it to be tried now: no server is left alone any longer; one that failed still gets one request first. */
  retryNow(): void {
    for (const { standing } of this.#candidates) standing.retryNow();
  }

  openAt(): number {
    const now = this.#options.now();
    const isPausing = this.#isPausing(now);
    // The last resort is there all the time and nobody's turn while others pause: asking at once would ask for ever.
    const awaited = this.#candidates.filter(({ standing }) => !isPausing || standing.fitnessAt(now) !== 'lastResort');
    return Math.min(...awaited.map(({ standing }) => standing.openAt()));
  }

  /** In the order in which they are preferred. */
  view(): readonly TargetView[] {
    const now = this.#options.now();
    return this.#candidates.map(({ server, standing }) => ({
      ...{ server, isFit: standing.fitnessAt(now) === 'fit' },
      ...{ heard: standing.wordAt(now), error: standing.error, openAt: standing.openAt() },
    }));
  }

  #choose(): Candidate | undefined {
    const now = this.#options.now();
    const first = (fitness: Fitness): Candidate | undefined =>
      this.#candidates.find(({ standing }) => standing.fitnessAt(now) === fitness);
    const good = first('fit') ?? first('warming');
    if (good !== undefined) return good;
    // A short pause is better than a request to a server that is said to be down, which may take long to fail.
    return this.#isPausing(now) ? undefined : first('lastResort');
  }

  #isPausing(now: number): boolean {
    return this.#candidates.some(({ standing }) => standing.isPausingAt(now));
  }
}

class Turn implements TargetTurn {
  readonly server: string;
  readonly #standing: ServerStanding;
  readonly #now: () => number;
  readonly #round: number;
  #isOpen = true;

  constructor(server: string, standing: ServerStanding, now: () => number) {
    this.server = server;
    this.#standing = standing;
    this.#now = now;
    this.#round = standing.round;
  }

  succeeded(): void {
    if (this.#end()) this.#standing.succeeded(this.#round);
  }

  failed(error: FleetError, retryAfterMs: number | undefined): void {
    if (this.#end()) this.#standing.failed(this.#round, { now: this.#now(), error, retryAfterMs });
  }

  dropped(): void {
    if (this.#end()) this.#standing.dropped(this.#round);
  }

  #end(): boolean {
    const isFirst = this.#isOpen;
    this.#isOpen = false;
    return isFirst;
  }
}
