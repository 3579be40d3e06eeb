import { expect, it } from 'vitest';
import { skipFor } from './support/durability-run.ts';

const skip = (note: string): never => {
  throw new Error(`skipped: ${note}`);
};

it('skips what the machine has no means for, and lets a full run fail instead of passing without it', () => {
  expect(() => skipFor({ skip }, 'no gcc', false)).toThrow('skipped: no gcc');
  expect(() => skipFor({ skip }, 'no gcc', true)).toThrow('a full run cannot do without this test: no gcc');
});
