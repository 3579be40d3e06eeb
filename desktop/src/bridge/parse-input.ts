import type { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** The input of a call as its schema reads it. Errors: INPUT_INVALID, with every problem and where it is. */
export function parseInput<T extends z.ZodType>(method: string, schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new FleetError('INPUT_INVALID', `${method}: ${problems.join('; ')}`);
}
