import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue, Plan } from './due-queue.ts';

type Step =
  | { readonly kind: 'put'; readonly index: number; readonly dueAtMs: number }
  | { readonly kind: 'take'; readonly nowMs: number };

const PLANS = 60;
const atMs = fc.double({ min: 0, max: 1000, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('put' as const), index: fc.nat({ max: PLANS - 1 }), dueAtMs: atMs }),
  },
  fc.record({ kind: fc.constant('take' as const), nowMs: atMs }),
);

describe('the queue of what is due', () => {
  it('gives back what was put last for each plan, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
        const queue = new DueQueue<Plan>();
        const plans = Array.from({ length: PLANS }, () => new Plan());
        const planned = new Map<Plan, number>();
        const firstAtMs = (): number | undefined => (planned.size === 0 ? undefined : Math.min(...planned.values()));
        for (const one of steps) {
          if (one.kind === 'put') {
            const plan = plans[one.index] ?? new Plan();
            queue.put(plan, one.dueAtMs);
            planned.set(plan, one.dueAtMs);
          } else {
            const first = firstAtMs();
            const due = queue.takeDue(one.nowMs);
            expect(due?.dueAtMs).toBe(first !== undefined && first <= one.nowMs ? first : undefined);
            if (due === undefined) continue;
            expect(planned.get(due)).toBe(due.dueAtMs);
            planned.delete(due);
          }
          expect(queue.nextAtMs).toBe(firstAtMs());
        }
        while (planned.size > 0) {
          const due = queue.takeDue(1000);
          expect(due && planned.get(due)).toBe(firstAtMs());
          if (due !== undefined) planned.delete(due);
        }
        expect(queue.takeDue(Infinity)).toBeUndefined();
      }),
    );
  });
});
