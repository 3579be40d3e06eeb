import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedParts } from './sorted-parts.ts';

it('hands on by code unit what came in any order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), (names) => {
      const parts = new SortedParts<{ readonly name: string }>();
      for (const name of names) parts.add({ name });
      expect([...parts.sorted()].map(({ name }) => name)).toEqual([...names].sort());
    }),
  );
});

it('merges what is more than one part', () => {
  const parts = new SortedParts<{ readonly name: string }>();
  const names = Array.from({ length: 23_456 }, (_, index) => String((index * 7919) % 23_456).padStart(6, '0'));
  for (const name of names) parts.add({ name });
  expect([...parts.sorted()].map(({ name }) => name)).toEqual(names.toSorted());
});
