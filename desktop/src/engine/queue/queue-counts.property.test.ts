import { ITEM_STATES, type ItemState } from '#bridge/engine-words.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foundFile, queueOnDisk, type QueueOnDisk } from '../testing/queue-builders.ts';
import { type QueueCounts } from './queue-item.ts';
import type { SqliteUploadQueue } from './sqlite-upload-queue.ts';

/** Few files and few keys, so that calls meet. */
const number = fc.integer({ min: 1, max: 8 });
const state = fc.constantFrom(...ITEM_STATES);
const operation = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), numbers: fc.array(number, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('change' as const), key: number, state }),
  fc.record({ kind: fc.constant('resize' as const), key: number, sizeBytes: fc.nat() }),
  fc.record({ kind: fc.constant('move' as const), from: state, to: state }),
  fc.record({ kind: fc.constant('remove' as const), from: state }),
  fc.record({ kind: fc.constant('spoil' as const), key: number }),
  fc.record({ kind: fc.constantFrom('recover' as const, 'reopen' as const) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function apply(disk: QueueOnDisk, queue: SqliteUploadQueue, step: Operation): SqliteUploadQueue {
  switch (step.kind) {
    case 'add':
      queue.add(step.numbers.map((each) => foundFile(each)));
      return queue;
    case 'change':
      queue.change([{ key: step.key, state: step.state }]);
      return queue;
    case 'resize':
      queue.change([{ key: step.key, sizeBytes: step.sizeBytes }]);
      return queue;
    case 'move':
      queue.move(step.from, step.to);
      return queue;
    case 'remove':
      queue.remove(step.from);
      return queue;
    case 'spoil':
      disk.byHand((database) => database.prepare("UPDATE item SET sha256 = x'00' WHERE key = ?").run(step.key));
      return disk.reopen();
    case 'recover':
      queue.recover();
      return queue;
    case 'reopen':
      return disk.reopen();
  }
}

/** From the items themselves; reading them also finds those that make no sense. */
function recount(queue: SqliteUploadQueue): QueueCounts {
  const { items } = queue.page({ limit: 1000 });
  const entries = ITEM_STATES.map((each): [ItemState, { files: number; bytes: number }] => {
    const those = items.filter((item) => item.state === each);
    return [each, { files: those.length, bytes: those.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }];
  });
  return Object.fromEntries(entries) as QueueCounts;
}

it('counts are those of a recount, whatever happened', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 25 }), (steps) => {
      const disk = queueOnDisk();
      let { queue } = disk;
      for (const step of steps) {
        queue = apply(disk, queue, step);
        expect(recount(queue)).toEqual(queue.counts());
      }
      disk.close();
    }),
    { numRuns: 40 },
  );
});
