import { agentConfigSchema, type AgentConfig } from './agent-config.ts';
import { brokenConfigRules, type ConfigProblem } from './config-rules.ts';
import { brokenMonitorRules, fleetOf } from './monitor-rules.ts';
import { schemaProblems } from './schema-problems.ts';

export type ParsedAgentConfig =
  | { readonly config: AgentConfig }
  /** Never empty. */
  | { readonly problems: readonly ConfigProblem[] };

/** Checks a configuration as it was read from a file: every key, and the rules between keys, all problems together. */
export function parseAgentConfig(raw: unknown): ParsedAgentConfig {
  const parsed = agentConfigSchema.safeParse(raw, { reportInput: true });
  const monitor = (typeof raw === 'object' && raw !== null && 'monitor' in raw ? raw.monitor : undefined) ?? {};
  const problems = [
    ...schemaProblems(parsed.error),
    ...brokenConfigRules(raw),
    ...brokenMonitorRules(monitor, { at: ['monitor'], agents: fleetOf(raw) }),
  ];
  if (parsed.success) problems.push(...capBelowFirst(parsed.data));
  return parsed.success && problems.length === 0 ? { config: parsed.data } : { problems };
}

function capBelowFirst({ replication }: AgentConfig): readonly ConfigProblem[] {
  if (replication.backoff.cap >= replication.backoff.first) return [];
  return [{ path: ['replication', 'backoff', 'cap'], message: 'is shorter than replication.backoff.first' }];
}
