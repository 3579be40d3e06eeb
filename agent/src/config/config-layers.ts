import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ConfigPath, ConfigPlace, ConfigSource } from './config-source.ts';

/** What the readers of all kinds of configuration share: file, environment and command line, in rising order. */

export interface ConfigLayers {
  readonly source: ConfigSource;
  /** Which variable set a place, by `formatConfigPath`. */
  readonly variables: ReadonlyMap<string, string>;
  /** From the command line. */
  readonly listen: string | undefined;
}

export function withListen(raw: unknown, listen: string | undefined): unknown {
  return listen === undefined || typeof raw !== 'object' || raw === null ? raw : { ...raw, listen };
}

/** Where a setting was set that is in force. */
export function locateSetting(path: ConfigPath, { source, variables, listen }: ConfigLayers): ConfigPlace {
  const label = formatConfigPath(path);
  if (label === 'listen' && listen !== undefined) return { origin: '--listen', label: '' };
  const variable = variables.get(label);
  return variable === undefined ? source.locate(path) : { origin: variable, label: '' };
}

/** One error for all problems, each a line. */
export function invalidConfig(file: string, lines: readonly string[]): FleetError {
  const count = lines.length === 1 ? 'one problem' : `${String(lines.length)} problems`;
  return new FleetError('CFG_INVALID', [`The configuration ${file} has ${count}:`, ...lines].join('\n  '));
}

/** Plain objects and arrays without circles, as a schema makes them. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
