import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IMAGE, OTHER_SHA, queueItem, SHA } from '../testing/queue-builders.ts';
import { stepItem, type ItemEvent } from './item-step.ts';
import { RENEWING_CODES, type QueueItem } from './queue-item.ts';

const sha256 = fc.constantFrom(SHA, OTHER_SHA);
const stamp = fc.record({ sizeBytes: fc.nat(), mtimeMs: fc.nat(), inode: fc.nat() });
const code = fc.constantFrom('IO_FAILED' as const, 'FILE_TOO_LARGE' as const, ...RENEWING_CODES);
const message = fc.constant('why');
const event: fc.Arbitrary<ItemEvent> = fc.oneof(
  fc.record({ kind: fc.constant('hashed' as const), sha256, stamp }),
  fc.record({ kind: fc.constant('present' as const), image: fc.constant(IMAGE) }),
  fc.record({ kind: fc.constant('sendStarted' as const), id: fc.uuid() }),
  fc.record({ kind: fc.constant('stored' as const), image: fc.constant(IMAGE), sha256 }),
  fc.record({ kind: fc.constant('refused' as const), code, message }),
  fc.record({ kind: fc.constant('lost' as const), code, message, retryAt: fc.nat() }),
  fc.record({ kind: fc.constant('doubtSettled' as const), image: fc.constantFrom(IMAGE, null) }),
  fc.record({
    kind: fc.constant('fileFailed' as const),
    code: fc.constantFrom('FILE_MISSING' as const, 'FILE_CHANGED' as const),
    message,
  }),
  ...(['hashStarted', 'pausedByHand', 'resumed', 'cancelled', 'retried', 'forced', 'reopened'] as const).map((kind) =>
    fc.constant({ kind }),
  ),
  // The way to a sent file is long; chance alone seldom takes it.
  fc.constant({ kind: 'hashStarted' as const }),
  fc.record({ kind: fc.constant('sendStarted' as const), id: fc.uuid() }),
);

interface Step {
  readonly before: QueueItem;
  readonly event: ItemEvent;
  readonly item: QueueItem;
}

/** Every event that said something, with what the item was and became. */
function lifeOf(events: readonly ItemEvent[]): readonly Step[] {
  const steps: Step[] = [];
  let item = queueItem();
  for (const each of events) {
    const change = stepItem(item, each);
    if (change === undefined) continue;
    const before = item;
    item = { ...item, ...change };
    steps.push({ before, event: each, item });
  }
  return steps;
}

function forEachStep(check: (step: Step) => void): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => lifeOf(events).forEach(check)),
    { numRuns: 500 },
  );
}

it('an id stays, unless the bytes were found to be others', () => {
  forEachStep(({ before, event: { kind }, item }) => {
    if (before.id === null || item.id === before.id) return;
    expect(item.id).toBeNull();
    const isOtherContent = kind === 'hashed' && item.sha256 !== before.sha256;
    const isRenewed = kind === 'retried' && RENEWING_CODES.some((each) => each === before.failure?.code);
    expect(isOtherContent || isRenewed).toBe(true);
  });
});

it('only one content ever goes out under an id', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const contents = new Map<string, string | null>();
      for (const { item } of lifeOf(events)) {
        if (item.state !== 'uploading' || item.id === null) continue;
        expect(contents.get(item.id) ?? item.sha256).toBe(item.sha256);
        contents.set(item.id, item.sha256);
      }
    }),
    { numRuns: 500 },
  );
});

it('what is done or present does not go back by itself', () => {
  forEachStep(({ before, event: { kind } }) => {
    expect(before.state).not.toBe('done');
    if (before.state === 'present') expect(kind).toBe('forced');
  });
});

it('attempts count what was sent, and nothing else', () => {
  forEachStep(({ before, event: { kind }, item }) => {
    expect(item.attempts - before.attempts).toBe(kind === 'sendStarted' ? 1 : 0);
  });
});

it('what is sent has hash and id, what is there has its image, what failed says why, and only what is open waits', () => {
  forEachStep(({ item }) => {
    if (item.state === 'uploading' || item.state === 'inDoubt') {
      expect([item.id, item.sha256]).not.toContain(null);
    }
    expect(item.image !== null).toBe(item.state === 'done' || item.state === 'present');
    if (item.state === 'failed') expect(item.failure).not.toBeNull();
    if (item.retryAt !== null) expect(['queued', 'inDoubt']).toContain(item.state);
  });
});
