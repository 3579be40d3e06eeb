import { join } from 'node:path';
import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { ExecHook } from '#monitor/hooks/exec-hook.ts';
import { transitionEvent } from '#monitor/hooks/hook-event.ts';

const HOOKS = join(import.meta.dirname, '../../../build/hooks');

export interface HookScript {
  readonly script: 'virtual-address.sh' | 'dns-switch.sh' | 'dns-api.sh';
  readonly args: readonly string[];
  /** What stands before the command, such as the way into a network namespace. */
  readonly prefix?: readonly string[];
  /** Folders that are looked through before the others. */
  readonly path?: string;
}

/** What the monitor tells: by default that s1 is down, as of the first generation. */
export interface ToldEvent {
  readonly to?: ServerState;
  readonly isConfirmed?: boolean;
  readonly generation?: number;
  readonly online: readonly string[];
}

export interface HookResult {
  readonly output: string;
  /** The code of what went wrong, or null. */
  readonly code: string | null;
}

/** Runs a script as the monitor runs it, with an event in its environment. */
export async function runHookScript(
  { script, args, prefix = [], path = '' }: HookScript,
  told: ToldEvent,
): Promise<HookResult> {
  const { to = 'down', isConfirmed = true, generation = 1, online } = told;
  const [program = '', ...rest] = [...prefix, join(HOOKS, script), ...args];
  const environment = { PATH: `${path}:${process.env['PATH'] ?? ''}` };
  const hook = new ExecHook({ command: [program, ...rest], timeoutMs: 15_000, environment });
  const transition: HealthTransition = {
    ...{ server: 's1', from: 'up', to, at: Date.UTC(2026, 2, 9), lastedMs: 1, isConfirmed },
    cause: to === 'down' ? { code: 'PEER_TIMEOUT', message: 'no answer' } : null,
  };
  const event = transitionEvent(transition, { host: '10.1.2.1', port: 7401, generation, online });
  const { output, failure } = await hook.run(event, new AbortController().signal);
  return { output, code: failure?.code ?? null };
}
