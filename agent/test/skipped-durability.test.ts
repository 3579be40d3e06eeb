import { expect, it } from 'vitest';
import { skipFor, type Machine } from './support/durability-run.ts';

const ctx = {
  skip: (note: string): never => {
    throw new Error(`skipped: ${note}`);
  },
};
const NONE: Machine = { isFullRun: false, allowsSkips: false, isAbleRoot: false };

it('skips what a machine has no means for', () => {
  expect(() => skipFor(ctx, 'no gcc', NONE)).toThrow('skipped: no gcc');
});

it.each<Partial<Machine>>([{ isFullRun: true }, { isAbleRoot: true }])(
  'fails instead where nothing may be missing (%o), unless that is allowed',
  (machine) => {
    expect(() => skipFor(ctx, 'no gcc', { ...NONE, ...machine })).toThrow('cannot do without this test');
    expect(() => skipFor(ctx, 'no gcc', { ...NONE, ...machine, allowsSkips: true })).toThrow('skipped: no gcc');
  },
);
