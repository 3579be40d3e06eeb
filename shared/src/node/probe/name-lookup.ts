import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { errnoOf } from './probe-outcome.ts';

/** The system's look-up as node:dns offers it (`all: true`): it honours the hosts file, and waits in libuv's threads. */
export type LookupAll = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export type NameAnswer =
  /** Never empty; the one that is to be tried first stands first. */
  { readonly addresses: readonly string[] } | { readonly errno: string };

export interface NameLookupOptions {
  readonly monotonic: () => number;
  readonly lookup?: LookupAll;
  /** How long an answer is used without asking again, in milliseconds. */
  readonly ttlMs?: number;
  /** The same for a name that has no address. */
  readonly negativeTtlMs?: number;
}

/** More would take threads away from the files of an agent, since libuv has one pool for both. */
const MAX_AT_ONCE = 2;
const MAX_NAMES = 20_000;
/** Addresses of one name that are ever tried. */
const MAX_ADDRESSES = 4;
/** While DNS fails, the last known addresses are used for so long: its outage is none of the servers. */
const MAX_STALE_MS = 3_600_000;

interface Entry {
  addresses: readonly string[];
  errno: string;
  /** When the addresses were last confirmed. */
  knownAtMs: number;
  freshUntilMs: number;
  isAsked: boolean;
  readonly waiting: Set<(answer: NameAnswer) => void>;
}

/**
 * Addresses of names, kept for a while. An answer that is out of date is given at once and renewed behind it, so that only
 * the first look at a name ever waits. Look-ups of one name are joined.
 */
export class NameLookup {
  readonly #monotonic: () => number;
  readonly #lookup: LookupAll;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new Set<string>();
  #running = 0;

  constructor({ monotonic, lookup, ttlMs = 60_000, negativeTtlMs = 5000 }: NameLookupOptions) {
    this.#monotonic = monotonic;
    this.#lookup = lookup ?? ((host, done) => systemLookup(host, { all: true }, done));
    this.#ttlMs = ttlMs;
    this.#negativeTtlMs = negativeTtlMs;
  }

  /**
   * Answers in this call when something is known, else later. Who no longer wants to wait calls what comes back. Nothing
   * here has a deadline: the system's look-up has its own, and the caller knows how long it wants to wait.
   */
  find(host: string, done: (answer: NameAnswer) => void): () => void {
    const entry = this.#entryOf(host);
    if (entry.freshUntilMs <= this.#monotonic()) this.#ask(host, entry);
    const answer = this.#answerOf(entry);
    if (answer === undefined) entry.waiting.add(done);
    else done(answer);
    return () => entry.waiting.delete(done);
  }

  /** The address did not answer: another one of the name, if it has any, comes first from now on. */
  demote(host: string, address: string): void {
    const entry = this.#entries.get(host);
    if (entry === undefined || entry.addresses[0] !== address) return;
    entry.addresses = [...entry.addresses.slice(1), address];
  }

  #entryOf(host: string): Entry {
    const known = this.#entries.get(host);
    if (known !== undefined) return known;
    const entry: Entry = {
      ...{ addresses: [], errno: 'ENOTFOUND', knownAtMs: -Infinity, freshUntilMs: -Infinity },
      ...{ isAsked: false, waiting: new Set() },
    };
    this.#entries.set(host, entry);
    if (this.#entries.size > MAX_NAMES) this.#forgetOldest();
    return entry;
  }

  #forgetOldest(): void {
    for (const [host, entry] of this.#entries) {
      if (entry.isAsked) continue;
      this.#entries.delete(host);
      return;
    }
  }

  #ask(host: string, entry: Entry): void {
    if (entry.isAsked) return;
    entry.isAsked = true;
    this.#queue.add(host);
    this.#next();
  }

  #next(): void {
    const [host] = this.#queue;
    if (host === undefined || this.#running >= MAX_AT_ONCE) return;
    this.#queue.delete(host);
    this.#running += 1;
    this.#lookup(host, (error, addresses) => {
      this.#running -= 1;
      const entry = this.#entryOf(host);
      this.#learn(entry, error, addresses);
      this.#next();
      this.#tell(entry);
    });
    this.#next();
  }

  #learn(entry: Entry, error: Error | null, found: readonly LookupAddress[]): void {
    const nowMs = this.#monotonic();
    entry.isAsked = false;
    if (error !== null || found.length === 0) {
      entry.errno = error === null ? 'ENOTFOUND' : errnoOf(error);
      entry.freshUntilMs = nowMs + this.#negativeTtlMs;
      return;
    }
    const addresses = found.slice(0, MAX_ADDRESSES).map(({ address }) => address);
    // The same addresses keep their order, which tells which of them answers.
    const isSame =
      addresses.length === entry.addresses.length && addresses.every((one) => entry.addresses.includes(one));
    if (!isSame) entry.addresses = addresses;
    entry.knownAtMs = nowMs;
    entry.freshUntilMs = nowMs + this.#ttlMs;
  }

  #tell(entry: Entry): void {
    const answer = this.#answerOf(entry) ?? { errno: entry.errno };
    const listeners = [...entry.waiting];
    entry.waiting.clear();
    for (const done of listeners) done(answer);
  }

  /** What is known at this moment; undefined when only a look-up can tell. */
  #answerOf({ addresses, errno, knownAtMs, freshUntilMs }: Entry): NameAnswer | undefined {
    const nowMs = this.#monotonic();
    if (addresses.length > 0 && nowMs - knownAtMs <= this.#ttlMs + MAX_STALE_MS) return { addresses };
    return freshUntilMs > nowMs ? { errno } : undefined;
  }
}
