import type { z } from 'zod';
import { agentConfigSchema, type AgentConfig } from './agent-config.ts';
import { brokenConfigRules, type ConfigProblem } from './config-rules.ts';

export type ParsedAgentConfig =
  | { readonly config: AgentConfig }
  /** Never empty. */
  | { readonly problems: readonly ConfigProblem[] };

/** Checks a configuration as it was read from a file: every key, and the rules between keys, all problems together. */
export function parseAgentConfig(raw: unknown): ParsedAgentConfig {
  const parsed = agentConfigSchema.safeParse(raw, { reportInput: true });
  const problems = [...(parsed.error?.issues.flatMap(problemsOf) ?? []), ...brokenConfigRules(raw)];
  if (parsed.success) problems.push(...capBelowFirst(parsed.data));
  return parsed.success && problems.length === 0 ? { config: parsed.data } : { problems };
}

function problemsOf(issue: z.core.$ZodIssue): readonly ConfigProblem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is no known setting' }));
  }
  if (issue.input === undefined) return [{ path, message: 'is missing' }];
  if (issue.input === null) return [{ path, message: 'is empty' }];
  return [{ path, message: issue.message.replace(/^Invalid (?:input|option): /, '') }];
}

function capBelowFirst({ replication }: AgentConfig): readonly ConfigProblem[] {
  if (replication.backoff.cap >= replication.backoff.first) return [];
  return [{ path: ['replication', 'backoff', 'cap'], message: 'is shorter than replication.backoff.first' }];
}
