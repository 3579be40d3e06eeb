const WINDOW_MS = 60_000;
const MAX_FAILURES_PER_ADDRESS = 10;
/** Of all addresses together: whoever has many addresses must not try faster by them. Bounds the memory, too. */
const MAX_FAILURES = 100;

interface Failure {
  readonly network: string;
  /** On the clock that only grows. */
  readonly at: number;
}

/** Slows down who guesses keys. Only failures count, and a success forgives none: one right key must not buy guesses. */
export class LoginLimit {
  readonly #monotonic: () => number;
  /** Oldest first; never more than MAX_FAILURES. */
  #failures: readonly Failure[] = [];

  /** `monotonic`: milliseconds that only ever grow. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** How long this address has to wait before it may try, in milliseconds; 0: it may. */
  waitMs(address: string): number {
    const now = this.#monotonic();
    this.#failures = this.#failures.filter(({ at }) => at > now - WINDOW_MS);
    const network = networkOf(address);
    const own = this.#failures.filter((failure) => failure.network === network);
    return Math.max(endOfWait(own, MAX_FAILURES_PER_ADDRESS) - now, endOfWait(this.#failures, MAX_FAILURES) - now, 0);
  }

  /** The try that was allowed has failed. */
  failed(address: string): void {
    this.#failures = [...this.#failures, { network: networkOf(address), at: this.#monotonic() }].slice(-MAX_FAILURES);
  }
}

/** When so many failures have left the window that one more fits. */
function endOfWait(failures: readonly Failure[], max: number): number {
  const mustLeave = failures.at(-max);
  return mustLeave === undefined ? -Infinity : mustLeave.at + WINDOW_MS;
}

/** Of IPv6 the first 64 bits: a single host has all the addresses behind them (RFC 4291, 2.5.4). */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [before = '', after] = address.replace(/%.*$/, '').split('::');
  const head = before.split(':').filter((group) => group !== '');
  const tail = (after ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
