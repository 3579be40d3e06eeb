import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

type Step =
  | { readonly kind: 'put'; readonly name: string; readonly dueAtMs: number }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'take'; readonly nowMs: number };

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
const atMs = fc.integer({ min: 0, max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, dueAtMs: atMs }),
  fc.record({ kind: fc.constant('remove' as const), name }),
  fc.record({ kind: fc.constant('take' as const), nowMs: atMs }),
);

describe('the queue of what is due', () => {
  it('is what a list sorted by time and by order of planning would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new DueQueue();
        let list: { readonly name: string; readonly dueAtMs: number }[] = [];
        for (const it of steps) {
          if (it.kind !== 'take') list = list.filter((plan) => plan.name !== it.name);
          if (it.kind === 'put') {
            queue.put(it.name, it.dueAtMs);
            list = [...list, it].sort((one, other) => one.dueAtMs - other.dueAtMs);
          } else if (it.kind === 'remove') queue.remove(it.name);
          else {
            const first = list[0] !== undefined && list[0].dueAtMs <= it.nowMs ? list.shift() : undefined;
            expect(queue.takeDue(it.nowMs)?.name).toBe(first?.name);
          }
          expect([queue.size, queue.nextAtMs]).toEqual([list.length, list[0]?.dueAtMs]);
        }
      }),
    );
  });
});
