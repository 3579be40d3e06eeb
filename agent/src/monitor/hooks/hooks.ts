import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Gate } from '@imagefleet/shared/node/gate.ts';
import type { IncidentNotice } from '../incident-book.ts';
import { withinLimit } from '../within-limit.ts';
import { noticeEvent, transitionEvent, type HookContext, type HookEvent } from './hook-event.ts';
import { HookLine, type HookTurn } from './hook-line.ts';
import { wants, type Hook, type HookReport } from './hook.ts';

/** Hooks that run at once, of all servers; far more than a fleet of twenty needs, and what a machine bears. */
const MAX_RUNNING = 32;
const MAX_LINES = 20_000;
/** A line that finds no place for so long tells of its event as failed. */
const MAX_WAIT_MS = 10 * 60_000;
/** A stop lets what runs and waits go on for so long, and then ends it. */
const STOP_MS = 5000;
const STOP_GRACE_MS = 3000;

export interface HooksOptions {
  readonly hooks: readonly Hook[];
  readonly logger: Logger;
  readonly monotonic: () => number;
}

/**
 * Runs hooks: for each server one after the other and in order, servers beside each other. Whoever tells of an event goes
 * on at once; a hook that hangs delays what comes after it for the same server, until its deadline, and nothing else.
 */
export class Hooks {
  readonly #options: HooksOptions;
  readonly #lines = new Map<string, HookLine>();
  readonly #running = new Set<Promise<void>>();
  readonly #ending = new AbortController();
  readonly #gate = new Gate(
    { running: MAX_RUNNING, waiting: MAX_LINES, maxWaitMs: MAX_WAIT_MS },
    () => new FleetError('HOOK_TIMEOUT', 'other hooks take all places'),
  );
  #isStopped = false;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  transition(transition: HealthTransition, context: HookContext): void {
    this.#take(transitionEvent(transition, context));
  }

  notice(notice: IncidentNotice): void {
    this.#take(noticeEvent(notice));
  }

  /** Takes nothing new, lets what is on its way end within a limit, and ends what then still runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const idle = this.#idle();
    await withinLimit(idle, STOP_MS, () => undefined);
    let dropped = 0;
    for (const line of this.#lines.values()) dropped += line.clear();
    if (dropped > 0) this.#options.logger.warn('hook.dropped', { count: dropped });
    this.#ending.abort();
    await withinLimit(idle, STOP_GRACE_MS, () => undefined);
  }

  async #idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #take(event: HookEvent): void {
    if (this.#isStopped) return;
    for (const [index, hook] of this.#options.hooks.entries()) {
      if (wants(hook, event)) this.#lineUp(lineOf(hook, index, event), { hook, event });
    }
  }

  #lineUp(name: string, turn: HookTurn): void {
    const line = this.#lines.get(name) ?? new HookLine();
    const { hook, event } = turn;
    if (line.add(turn)) {
      this.#options.logger.warn('hook.coalesced', { hook: hook.action.name, server: event.server, event: event.event });
    }
    if (this.#lines.has(name)) return;
    this.#lines.set(name, line);
    const running = this.#work(name, line).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** The line goes when it is empty; between that look and its end nothing else runs. */
  async #work(name: string, line: HookLine): Promise<void> {
    for (let turn = line.next(); turn !== undefined; turn = line.next()) {
      const startedMs = this.#options.monotonic();
      const report = await this.#gate
        .run(() => this.#run(turn))
        .catch((error: unknown): HookReport => ({ output: '', failure: failureOf(error) }));
      this.#log(turn, report, Math.round(this.#options.monotonic() - startedMs));
    }
    this.#lines.delete(name);
  }

  async #run({ hook, event }: HookTurn): Promise<HookReport> {
    // It has waited for its place until the monitor stopped.
    if (this.#ending.signal.aborted) throw new FleetError('HOOK_TIMEOUT', 'the monitor stops');
    return hook.action.run(event, this.#ending.signal);
  }

  #log({ hook, event }: HookTurn, { output, failure }: HookReport, tookMs: number): void {
    const fields = { hook: hook.action.name, server: event.server, event: event.event, tookMs, output };
    if (failure === null) this.#options.logger.info('hook.ran', fields);
    else this.#options.logger.error('hook.failed', { ...fields, code: failure.code, message: failure.message });
  }
}

/** Programs of one server share a line; a webhook has one for each server. Notices of incidents stand apart from servers. */
function lineOf(hook: Hook, index: number, { server }: HookEvent): string {
  const whose = server === null ? 'incidents' : `server ${server}`;
  return hook.kind === 'exec' ? whose : `${whose} ${String(index)}`;
}

function failureOf(error: unknown): FleetError {
  return error instanceof FleetError
    ? error
    : new FleetError('HOOK_FAILED', `the hook failed: ${String(error)}`, { cause: error });
}
