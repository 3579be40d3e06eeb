import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { HookEvent, HookEventKind } from './hook-event.ts';

/** What was heard of a hook, cut to what a log line can carry. */
export interface HookReport {
  readonly output: string;
  /** HOOK_FAILED or HOOK_TIMEOUT; null when it did what it should. */
  readonly failure: FleetError | null;
}

/** A way to tell the outside of an event. It never fails and has limits of its own; `signal` ends it early. */
export interface HookAction {
  /** How the log names it: nothing secret. */
  readonly name: string;
  run(event: HookEvent, signal: AbortSignal): Promise<HookReport>;
}

export interface Hook {
  readonly on: ReadonlySet<HookEventKind>;
  /** Names of servers; null: all of them. */
  readonly servers: ReadonlySet<string> | null;
  /**
   * Programs of one server never run beside each other, whichever hook they are of. A webhook stands in a line of its own
   * for each server, so that an endpoint that is tried again keeps no program waiting.
   */
  readonly kind: 'exec' | 'webhook';
  readonly action: HookAction;
}

/** Whether the hook wants the event. */
export function wants({ on, servers }: Hook, event: HookEvent): boolean {
  if (!on.has(event.event)) return false;
  if (servers === null) return true;
  const concerned = event.server === null ? (event.incident?.servers ?? []) : [event.server];
  return concerned.some((server) => servers.has(server));
}

/** The first and last of what came, whole characters, at most so many; in between it says that something is left out. */
export function shortened(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const half = Math.floor(maxCharacters / 2);
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
