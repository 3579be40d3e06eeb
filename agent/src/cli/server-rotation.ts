import { setTimeout as sleep } from 'node:timers/promises';

/** Nobody's Retry-After keeps us longer; then we ask again. */
const MAX_WAIT_MS = 60_000;

/** Which server takes the next upload: the same one until it fails, then the next in turn. */
export class ServerRotation {
  readonly #servers: readonly [string, ...string[]];
  readonly #now: () => number;
  readonly #closedUntil = new Map<string, number>();
  #index = 0;

  constructor(servers: readonly [string, ...string[]], now: () => number) {
    this.#servers = servers;
    this.#now = now;
  }

  get count(): number {
    return this.#servers.length;
  }

  current(): string {
    return this.#servers[this.#index] ?? this.#servers[0];
  }

  /** A server failed or asked us to wait. Only the report about the present server moves on: the other workers' are late. */
  report(server: string, retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined) this.#closedUntil.set(server, this.#now() + Math.min(retryAfterMs, MAX_WAIT_MS));
    if (server === this.current()) this.#index = (this.#index + 1) % this.#servers.length;
  }

  /** Waits while every server has asked us to; otherwise turns to one that has not. */
  async untilOpen(signal: AbortSignal): Promise<void> {
    for (let step = 0; step < this.#servers.length; step += 1) {
      if (this.#waitMs(this.current()) <= 0) return;
      this.#index = (this.#index + 1) % this.#servers.length;
    }
    const shortestMs = Math.min(...this.#servers.map((server) => this.#waitMs(server)));
    if (shortestMs > 0) await sleep(shortestMs, undefined, { signal });
  }

  #waitMs(server: string): number {
    return (this.#closedUntil.get(server) ?? 0) - this.#now();
  }
}
