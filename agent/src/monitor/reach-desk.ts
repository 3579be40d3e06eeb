import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { addressKey, type ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';

/** Less than those who ask wait (witnesses.ts), so that "not reached" is back in time, too. */
const CONNECT_MS = 300;
/** Connections that are tried at the same time; each holds a descriptor. */
const MAX_CONNECTS = 256;
/** So long an answer is good for all who ask: a server that goes is in doubt everywhere at the same time. */
const KEPT_MS = 300;

export interface ReachDeskDeps {
  /**
   * The servers about which this one gives answers: its peers, and those that it watches itself. Whoever holds a key for
   * peers could else have any address and port inside this network tried out.
   */
  readonly known: readonly ServerAddress[];
  /** Connects and disconnects; never rejects. */
  readonly probe: (
    target: ServerAddress & { readonly name: string; readonly timeoutMs: number },
  ) => Promise<Observation>;
  readonly monotonic: () => number;
}

interface Tried {
  readonly answer: Promise<ReachAnswer>;
  /** Monotonic milliseconds; null while it is being tried. */
  endedAt: number | null;
}

/** Tells other observers whether this server reaches a third one, from here and now. */
export class ReachDesk {
  readonly #deps: ReachDeskDeps;
  readonly #known: ReadonlySet<string>;
  /** By address; no more than are known. */
  readonly #tried = new Map<string, Tried>();
  #connecting = 0;

  constructor(deps: ReachDeskDeps) {
    this.#deps = deps;
    this.#known = new Set(deps.known.map(addressKey));
  }

  /** One answer for each address, in order. Bounded in time; the caller bounds the list. */
  answer(addresses: readonly ServerAddress[]): Promise<readonly ReachAnswer[]> {
    return Promise.all(addresses.map((address) => this.#answerOne(address)));
  }

  async #answerOne(address: ServerAddress): Promise<ReachAnswer> {
    const key = addressKey(address);
    if (!this.#known.has(key)) return 'cannotSay';
    const before = this.#tried.get(key);
    const isFresh = before !== undefined && this.#deps.monotonic() - (before.endedAt ?? Infinity) < KEPT_MS;
    if (isFresh) return before.answer;
    if (this.#connecting >= MAX_CONNECTS) return 'cannotSay';
    const tried: Tried = { answer: this.#connect(key, address), endedAt: null };
    this.#tried.set(key, tried);
    return tried.answer.finally(() => (tried.endedAt = this.#deps.monotonic()));
  }

  async #connect(name: string, { host, port }: ServerAddress): Promise<ReachAnswer> {
    this.#connecting += 1;
    try {
      return answerOf(await this.#deps.probe({ name, host, port, timeoutMs: CONNECT_MS }));
    } finally {
      this.#connecting -= 1;
    }
  }
}

/** A refusal is no success: the host lives, and the server does not. */
function answerOf({ kind }: Observation): ReachAnswer {
  switch (kind) {
    case 'success':
      return 'reached';
    case 'failure':
    case 'silence':
      return 'unreached';
    case 'ownFailure':
      return 'cannotSay';
  }
}
