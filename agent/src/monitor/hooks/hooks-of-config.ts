import type { HookConfig as ConfiguredHook } from '@imagefleet/shared/common/config/monitor-config.ts';
import type { HookEventKind } from './hook-event.ts';
import { ExecHook } from './exec-hook.ts';
import type { Hook } from './hook.ts';
import { Webhook } from './webhook.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_ON: readonly HookEventKind[] = ['down', 'up'];

/** A hook as the configuration has it, its defaults filled in or not: exactly one of `exec` and `webhook`. */
export type HookConfig = Partial<ConfiguredHook>;

export interface HookSurroundings {
  /** Of the process; programs inherit it without our own settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: () => number;
}

export function hooksOfConfig(
  configs: readonly HookConfig[],
  { environment, random }: HookSurroundings,
): readonly Hook[] {
  return configs.flatMap((config): Hook[] => {
    const {
      on = DEFAULT_ON,
      servers,
      exec = [],
      webhook,
      secret = null,
      timeout: timeoutMs = DEFAULT_TIMEOUT_MS,
    } = config;
    const common = { on: new Set(on), servers: servers === undefined ? null : new Set(servers) };
    if (webhook !== undefined) {
      return [{ ...common, kind: 'webhook', action: new Webhook({ url: webhook, secret, timeoutMs, random }) }];
    }
    const [program, ...args] = exec;
    if (program === undefined) return [];
    return [{ ...common, kind: 'exec', action: new ExecHook({ command: [program, ...args], timeoutMs, environment }) }];
  });
}
