import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

type Step =
  | { readonly kind: 'put'; readonly name: string; readonly dueAtMs: number }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'take'; readonly nowMs: number };

const name = fc.nat({ max: 60 }).map((index) => `s${String(index)}`);
const atMs = fc.integer({ min: 0, max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), name, dueAtMs: atMs }) },
  fc.record({ kind: fc.constant('remove' as const), name }),
  fc.record({ kind: fc.constant('take' as const), nowMs: atMs }),
);

describe('the queue of what is due', () => {
  it('gives back what was put last for each name, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
        const queue = new DueQueue();
        const planned = new Map<string, number>();
        for (const one of steps) {
          const firstAtMs = planned.size === 0 ? undefined : Math.min(...planned.values());
          if (one.kind === 'put') {
            queue.put(one.name, one.dueAtMs);
            planned.set(one.name, one.dueAtMs);
          } else if (one.kind === 'remove') {
            queue.remove(one.name);
            planned.delete(one.name);
          } else {
            const due = queue.takeDue(one.nowMs);
            expect(due?.dueAtMs).toBe(firstAtMs !== undefined && firstAtMs <= one.nowMs ? firstAtMs : undefined);
            if (due === undefined) continue;
            expect(planned.get(due.name)).toBe(due.dueAtMs);
            planned.delete(due.name);
          }
          const nextAtMs = planned.size === 0 ? undefined : Math.min(...planned.values());
          expect([queue.size, queue.nextAtMs]).toEqual([planned.size, nextAtMs]);
        }
      }),
    );
  });
});
