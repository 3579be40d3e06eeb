import { ITEM_STATES, type ItemState } from '#bridge/engine-words.ts';
import { describe, expect, it } from 'vitest';
import { IMAGE, OTHER_SHA, queueItem, queueOnDisk, foundFiles, SHA } from '../testing/queue-builders.ts';
import { stepItem, type ItemEvent } from './item-step.ts';
import { type QueueItem } from './queue-item.ts';

const STAMP = { sizeBytes: 5, mtimeMs: 6.5, inode: 7 };
const EVENTS = {
  hashStarted: { kind: 'hashStarted' },
  hashed: { kind: 'hashed', sha256: SHA, stamp: STAMP },
  present: { kind: 'present', image: IMAGE },
  sendStarted: { kind: 'sendStarted', id: 'new' },
  stored: { kind: 'stored', image: IMAGE, sha256: SHA },
  refused: { kind: 'refused', code: 'FILE_TOO_LARGE', message: 'large' },
  lost: { kind: 'lost', code: 'PEER_TIMEOUT', message: 'late', retryAt: 99 },
  found: { kind: 'doubtSettled', image: IMAGE },
  notFound: { kind: 'doubtSettled', image: null },
  fileFailed: { kind: 'fileFailed', code: 'FILE_MISSING', message: 'gone' },
  pausedByHand: { kind: 'pausedByHand' },
  resumed: { kind: 'resumed' },
  cancelled: { kind: 'cancelled' },
  retried: { kind: 'retried' },
  forced: { kind: 'forced' },
  reopened: { kind: 'reopened' },
} as const satisfies Record<string, ItemEvent>;
type EventName = keyof typeof EVENTS;

/** Of an item that has a hash and an id and does not wait. What is not here says nothing about it. */
const NEXT: Readonly<Record<ItemState, Partial<Readonly<Record<EventName, ItemState>>>>> = {
  queued: {
    hashStarted: 'hashing',
    present: 'present',
    sendStarted: 'uploading',
    fileFailed: 'failed',
    pausedByHand: 'paused',
    cancelled: 'cancelled',
    forced: 'queued',
  },
  hashing: {
    hashed: 'queued',
    fileFailed: 'failed',
    pausedByHand: 'paused',
    cancelled: 'cancelled',
    forced: 'hashing',
    reopened: 'queued',
  },
  uploading: {
    stored: 'done',
    refused: 'failed',
    lost: 'queued',
    fileFailed: 'failed',
    pausedByHand: 'paused',
    cancelled: 'cancelled',
    reopened: 'inDoubt',
  },
  inDoubt: {
    stored: 'done',
    lost: 'inDoubt',
    found: 'done',
    notFound: 'queued',
    fileFailed: 'failed',
    pausedByHand: 'paused',
    cancelled: 'cancelled',
  },
  paused: { stored: 'done', resumed: 'queued', cancelled: 'cancelled', forced: 'paused' },
  failed: { retried: 'queued', cancelled: 'cancelled' },
  cancelled: { stored: 'done', retried: 'queued' },
  present: { forced: 'queued' },
  done: {},
};

function after(item: QueueItem, event: ItemEvent): QueueItem | undefined {
  const change = stepItem(item, event);
  return change === undefined ? undefined : { ...item, ...change };
}

describe('an item with hash and id', () => {
  const cases = ITEM_STATES.flatMap((state) =>
    (Object.keys(EVENTS) as readonly EventName[]).map((name) => [state, name, NEXT[state][name]] as const),
  );

  it.each(cases)('that is %s, on %s, becomes %s', (state, name, next) => {
    const image = state === 'done' || state === 'present' ? IMAGE : null;
    const item = queueItem({ state, image, sha256: SHA, id: 'old', attempts: 1 });
    expect(after(item, EVENTS[name])?.state).toBe(next);
  });
});

describe('hash and id', () => {
  it('come before the first byte goes out', () => {
    const item = queueItem();
    expect(stepItem(item, EVENTS.sendStarted)).toBeUndefined();
    expect(stepItem(item, EVENTS.present)).toBeUndefined();
    const hashed = after(queueItem({ state: 'hashing' }), EVENTS.hashed);
    expect(hashed).toMatchObject({ state: 'queued', sha256: SHA, id: null, ...STAMP });
    expect(after(hashed ?? item, EVENTS.sendStarted)).toMatchObject({ id: 'new', attempts: 1 });
  });

  it('stay over every try', () => {
    const item = queueItem({ state: 'queued', sha256: SHA, id: 'old', attempts: 3 });
    expect(after(item, EVENTS.sendStarted)).toMatchObject({ id: 'old', attempts: 4 });
  });

  it('the id goes when the file is read again and has other bytes, and only then', () => {
    const item = queueItem({ state: 'hashing', sha256: SHA, id: 'old' });
    expect(after(item, EVENTS.hashed)).toMatchObject({ sha256: SHA, id: 'old' });
    expect(after(item, { ...EVENTS.hashed, sha256: OTHER_SHA })).toMatchObject({ sha256: OTHER_SHA, id: null });
  });

  it.each(['FILE_CHANGED', 'ID_TAKEN', 'NOT_AN_IMAGE', 'FILE_TOO_LARGE', 'FILE_MISSING'] as const)(
    'after %s a retry one by one does what a retry of all does',
    (code) => {
      const failed = { state: 'failed', sha256: SHA, id: 'old', failure: { code, message: '' } } as const;
      const { queue } = queueOnDisk();
      queue.add(foundFiles(2));
      queue.change([
        { key: 1, ...failed },
        { key: 2, ...failed },
      ]);
      const first = queue.item(1);
      const change = first && stepItem(first, EVENTS.retried);
      if (change !== undefined) queue.change([change]);
      queue.move('failed', 'queued');
      const [one, two] = queue.page({ limit: 2 }).items;
      expect(one?.state).toBe('queued');
      expect([one?.sha256, one?.id, one?.failure]).toEqual([two?.sha256, two?.id, two?.failure]);
      expect(one?.id).toBe(code === 'FILE_TOO_LARGE' || code === 'FILE_MISSING' ? 'old' : null);
    },
  );
});

describe('failures', () => {
  it('stay in sight until the next try begins', () => {
    const lost = after(queueItem({ state: 'uploading', sha256: SHA, id: 'old', attempts: 1 }), EVENTS.lost);
    const failure = { code: 'PEER_TIMEOUT', message: 'late' };
    expect(lost).toMatchObject({ state: 'queued', retryAt: 99, failure, attempts: 1 });
    expect(after(lost ?? queueItem(), EVENTS.sendStarted)).toMatchObject({ failure: null, retryAt: null });
    expect(after(lost ?? queueItem(), EVENTS.retried)).toMatchObject({ state: 'queued', retryAt: null, failure });
  });

  it('say that the server got other bytes than were read, and where they lie', () => {
    const item = queueItem({ state: 'uploading', sha256: OTHER_SHA, id: 'old', attempts: 1 });
    const failed = after(item, EVENTS.stored);
    expect(failed).toMatchObject({ state: 'failed', image: null, failure: { code: 'FILE_CHANGED' } });
    expect(failed?.failure?.message).toContain(IMAGE.path);
  });

  it('are gone when the image is there', () => {
    const failure = { code: 'PEER_TIMEOUT', message: 'late' } as const;
    const item = queueItem({ state: 'inDoubt', sha256: SHA, id: 'old', retryAt: 5, failure });
    expect(after(item, EVENTS.found)).toMatchObject({ state: 'done', image: IMAGE, failure: null, retryAt: null });
  });
});

describe('taking back', () => {
  it.each(['paused', 'cancelled'] as const)('what was never sent, as %s, is nothing that can be stored', (state) => {
    expect(stepItem(queueItem({ state, sha256: SHA }), EVENTS.stored)).toBeUndefined();
  });

  it('a pause forgets when the next try was to be', () => {
    expect(after(queueItem({ retryAt: 99 }), EVENTS.pausedByHand)).toMatchObject({ state: 'paused', retryAt: null });
  });
});

describe('force', () => {
  it('sends what the fleet has', () => {
    const forced = after(queueItem({ state: 'present', sha256: SHA, image: IMAGE }), EVENTS.forced) ?? queueItem();
    expect(forced).toMatchObject({ state: 'queued', isForced: true, image: null });
    expect(stepItem(forced, EVENTS.present)).toBeUndefined();
    expect(stepItem(forced, EVENTS.forced)).toBeUndefined();
    expect(after(forced, EVENTS.sendStarted)?.state).toBe('uploading');
  });
});

it('reopening does in memory what the store does on the disk', () => {
  const { queue, reopen } = queueOnDisk();
  queue.add(foundFiles(ITEM_STATES.length));
  queue.change(ITEM_STATES.map((state, index) => ({ key: index + 1, state, sha256: SHA, id: 'old', retryAt: 5 })));
  const before = queue.page({ limit: 100 }).items;
  const again = reopen();
  again.recover();
  expect(again.page({ limit: 100 }).items).toEqual(before.map((item) => after(item, EVENTS.reopened) ?? item));
});
