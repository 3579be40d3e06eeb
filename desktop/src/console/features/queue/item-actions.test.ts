import { expect, it } from 'vitest';
import { ITEM_STATES } from '#bridge/engine-words.ts';
import { FakeQueue } from '#console/testing/fake-queue.ts';
import { actionsOf } from './item-actions.ts';

it.each([
  ['queued', false, ['pause', 'cancel']],
  ['queued', true, ['retry', 'pause', 'cancel']],
  ['inDoubt', true, ['retry', 'pause', 'cancel']],
  ['present', false, ['sendAnyway']],
  ['failed', false, ['retry', 'cancel']],
  ['paused', false, ['resume', 'cancel']],
  ['cancelled', false, ['retry']],
  ['done', false, []],
] as const)('a file that is %s (waits: %s) can be told to %j', (state, isWaiting, actions) => {
  expect(actionsOf(state, isWaiting)).toEqual(actions);
});

it('every action is a call of the engine', () => {
  const actions = new Set(ITEM_STATES.flatMap((state) => actionsOf(state, true)));
  expect([...actions].filter((action) => !(action in new FakeQueue()))).toEqual([]);
});
