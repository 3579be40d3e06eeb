import { connect } from 'node:net';
import type { Observation, ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { ServerAddress } from '@imagefleet/shared/common/health/reach.ts';
import type { Reachability } from '@imagefleet/shared/common/health/verdict.ts';

const INTERVAL_MS = 2_000;
const FAST_INTERVAL_MS = 200;
const TIMEOUT_MS = 2_000;
const FALL = 3;

export interface InterimMonitorDeps {
  readonly targets: readonly { readonly name: string; readonly url: string }[];
  readonly onReachability: (server: string, reachability: Reachability, cause: ProbeCause | null) => void;
  readonly onObservation: (server: string, observation: Observation) => void;
}

interface Target {
  readonly name: string;
  readonly url: string;
  reachability: Reachability;
  failures: number;
  timer: NodeJS.Timeout | undefined;
  probing: Promise<void> | null;
}

/** Asks each peer whether it lives, and calls it unreachable after three failures in a row; no more than replication needs. */
export class InterimMonitor {
  readonly #deps: InterimMonitorDeps;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #stopped = new AbortController();

  constructor(deps: InterimMonitorDeps) {
    this.#deps = deps;
    const first = { reachability: 'unknown', failures: 0, timer: undefined, probing: null } as const;
    this.#targets = new Map(deps.targets.map((target) => [target.name, { ...target, ...first }]));
  }

  start(): void {
    for (const target of this.#targets.values()) this.#probe(target);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const { timer } of this.#targets.values()) clearTimeout(timer);
    for (const { probing } of this.#targets.values()) await probing;
  }

  suspect(server: string): void {
    const target = this.#targets.get(server);
    if (target === undefined || this.#stopped.signal.aborted) return;
    if (target.reachability === 'reachable') this.#judge(target, 'doubted', null);
    this.#probe(target);
  }

  #probe(target: Target): void {
    clearTimeout(target.timer);
    target.probing ??= this.#probeOnce(target).finally(() => (target.probing = null));
  }

  async #probeOnce(target: Target): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const startedAt = performance.now();
    const cause = await fetch(`${target.url}/health/live`, { signal }).then(
      (answer) => answer.text().then(() => (answer.ok ? null : causeOf(`it answers ${String(answer.status)}`))),
      (error: unknown) => causeOf(textOf(error)),
    );
    if (this.#stopped.signal.aborted) return;
    target.failures = cause === null ? 0 : target.failures + 1;
    this.#deps.onObservation(
      target.name,
      cause === null ? { kind: 'success', latencyMs: performance.now() - startedAt } : { kind: 'silence', cause },
    );
    if (cause === null) this.#judge(target, 'reachable', null);
    else if (target.failures >= FALL) this.#judge(target, 'unreachable', cause);
    else if (target.reachability === 'reachable') this.#judge(target, 'doubted', cause);
    const isInDoubt = target.failures > 0 && target.failures < FALL;
    target.timer = setTimeout(() => this.#probe(target), isInDoubt ? FAST_INTERVAL_MS : INTERVAL_MS);
  }

  #judge(target: Target, reachability: Reachability, cause: ProbeCause | null): void {
    if (target.reachability === reachability) return;
    target.reachability = reachability;
    this.#deps.onReachability(target.name, reachability, cause);
  }
}

function causeOf(message: string): ProbeCause {
  return { code: 'PEER_UNREACHABLE', message };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

const OWN_FAILURES = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENETUNREACH', 'ENOBUFS']);

/** Connects and disconnects once. */
export function connectOnce(address: ServerAddress & { readonly timeoutMs: number }): Promise<Observation> {
  const { promise, resolve } = Promise.withResolvers<Observation>();
  const startedAt = performance.now();
  const socket = connect({ host: address.host, port: address.port });
  const late = setTimeout(() => resolve({ kind: 'silence', cause: causeOf('no answer in time') }), address.timeoutMs);
  socket.once('connect', () => resolve({ kind: 'success', latencyMs: performance.now() - startedAt }));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const cause = causeOf(error.message);
    resolve({ kind: OWN_FAILURES.has(error.code ?? '') ? 'ownFailure' : 'failure', cause });
  });
  return promise.finally(() => {
    clearTimeout(late);
    socket.destroy();
  });
}
