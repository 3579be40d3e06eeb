import type { z } from 'zod';
import type { ConfigProblem } from './config-rules.ts';

/** What a schema found wrong, as people read it; an unknown key is a problem of its own. */
export function schemaProblems(error: z.ZodError | undefined): readonly ConfigProblem[] {
  return error?.issues.flatMap(problemsOf) ?? [];
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
