import type { ConfigProblem } from './config-rules.ts';
import { monitorConfigSchema, type MonitorConfig } from './monitor-config.ts';
import { brokenMonitorRules } from './monitor-rules.ts';
import { schemaProblems } from './schema-problems.ts';

export type ParsedMonitorConfig =
  | { readonly config: MonitorConfig }
  /** Never empty. */
  | { readonly problems: readonly ConfigProblem[] };

/** Checks the configuration of a monitor without an agent: every key, and the rules between keys, all problems together. */
export function parseMonitorConfig(raw: unknown): ParsedMonitorConfig {
  const parsed = monitorConfigSchema.safeParse(raw, { reportInput: true });
  const problems = [...schemaProblems(parsed.error), ...brokenMonitorRules(raw, { at: [], agents: [] })];
  return parsed.success && problems.length === 0 ? { config: parsed.data } : { problems };
}
