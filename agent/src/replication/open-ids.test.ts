import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenIds } from './open-ids.ts';

describe('open ids', () => {
  it('are what was added and not yet closed, in whatever order and however often', () => {
    const ids = fc.uniqueArray(fc.nat(50), { maxLength: 20 });
    const closing = fc.array(fc.nat(60), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(ids, { maxLength: 3 }), closing, fc.integer({ min: 1, max: 5 }), (runs, closed, size) => {
        const open = new OpenIds();
        for (const run of runs) open.add(run);
        const expected = new Set(runs.flat());
        for (const id of closed) expect(open.close(id)).toBe(expected.delete(id));
        const slices = [...open.slices(size)];
        expect(new Set(slices.flat())).toEqual(expected);
        expect(slices.every((slice) => slice.length > 0 && slice.length <= size)).toBe(true);
        expect(open.size === 0).toBe(expected.size === 0);
      }),
    );
  });

  it('leaves out of the slices that follow what is closed meanwhile', () => {
    const open = new OpenIds();
    open.add([1, 2, 3, 4]);
    const seen: number[] = [];
    for (const slice of open.slices(2)) {
      seen.push(...slice);
      open.close(3);
    }
    expect(seen).toEqual([1, 2, 4]);
    expect(open.size).toBe(3);
  });
});
