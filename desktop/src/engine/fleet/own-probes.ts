import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { addressOf, serverKey } from '#engine/target/preferred-order.ts';
import type { FleetClock } from './fleet-clock.ts';
import { judgeOwnProbes, type OwnProbe, type OwnVerdict } from './judge-own-probes.ts';
import { isAborted, Pause } from './pause.ts';

/** From the begin of one round to the begin of the next one. */
const INTERVAL_MS = 2000;
/** More or less of it, by chance: a thousand desktops that lost the fleet together must not knock together. */
const JITTER = 0.2;
/** Rounds in a row that must say the same; one lost packet is no outage. */
const ROUNDS_UNTIL_BELIEVED = 2;

/** What probes need of the machine. */
export interface ProbeMachine {
  /** One connection, tried and given up within a second or two; never rejects. */
  connect(address: ServerAddress): Promise<Observation>;
  /** Which of these hosts are this machine itself. */
  ownHosts(hosts: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether this machine has any address but those of itself. */
  hasAddress(): boolean;
}

export interface OwnProbesOptions {
  readonly machine: ProbeMachine;
  readonly servers: () => readonly string[];
  readonly clock: FleetClock;
  /** Hears of each verdict that is believed, again with each round. */
  readonly onVerdict: (verdict: OwnVerdict) => void;
}

/** Connects to every configured server again and again, for as long as no agent tells how they are. */
export class OwnProbes {
  readonly #options: OwnProbesOptions;
  readonly #pause: Pause;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #own: { readonly hosts: string; readonly found: ReadonlySet<string> } | undefined;

  constructor(options: OwnProbesOptions) {
    this.#options = options;
    this.#pause = new Pause(options.clock);
  }

  start(): void {
    if (this.#abort !== undefined) return;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#running = this.#running.then(() => this.#run(signal));
  }

  /** No verdict is told after it; returns when the last round has ended. */
  async stop(): Promise<void> {
    this.#abort?.abort();
    this.#abort = undefined;
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, onVerdict } = this.#options;
    let last = '';
    let rounds = 0;
    while (!isAborted(signal)) {
      const beganMs = clock.monotonic();
      const verdict = await this.#round();
      if (isAborted(signal)) return;
      const mark = markOf(verdict);
      rounds = mark === last ? rounds + 1 : 1;
      last = mark;
      if (rounds >= ROUNDS_UNTIL_BELIEVED) onVerdict(verdict);
      const intervalMs = INTERVAL_MS * (1 + JITTER * (2 * clock.random() - 1));
      await this.#pause.wait(Math.max(0, beganMs + intervalMs - clock.monotonic()), signal);
    }
  }

  async #round(): Promise<OwnVerdict> {
    const { machine, servers } = this.#options;
    const known = servers().flatMap((server) => {
      const address = addressOf(server);
      const key = serverKey(server);
      return address === undefined || key === undefined ? [] : [{ address, key }];
    });
    const own = await this.#ownAmong(known.map(({ address }) => address.host));
    // As many at once as are configured, each bounded in time.
    const probes = await Promise.all(
      known.map(async ({ address, key }): Promise<OwnProbe> => {
        const seen = await machine.connect(address);
        return { key, host: address.host, isOwnMachine: own.has(address.host), seen };
      }),
    );
    return judgeOwnProbes({ probes, hasAddress: machine.hasAddress() });
  }

  /** Found out once for a list: each look-up of a name holds a thread that reads files for as long as the network is cut. */
  async #ownAmong(hosts: readonly string[]): Promise<ReadonlySet<string>> {
    const mark = hosts.join(' ');
    if (this.#own?.hosts !== mark) this.#own = { hosts: mark, found: await this.#options.machine.ownHosts(hosts) };
    return this.#own.found;
  }
}

function markOf(verdict: OwnVerdict): string {
  return 'down' in verdict ? `${verdict.kind} ${[...verdict.down.keys()].sort().join()}` : verdict.kind;
}
