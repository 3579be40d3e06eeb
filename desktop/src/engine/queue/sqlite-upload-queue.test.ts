import { MAX_CHANGES, type ItemState } from '#bridge/engine-words.ts';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foundFile, foundFiles, IMAGE, OTHER_SHA, queueItem, queueOnDisk, SHA } from '../testing/queue-builders.ts';
import type { QueueItem } from './queue-item.ts';

const LATER = { now: 1000, limit: 10 };

function keysOf(items: readonly QueueItem[]): readonly number[] {
  return items.map(({ key }) => key);
}

describe('adding', () => {
  it('keeps what the walk found, to the last bit, over the end of the process', () => {
    const { queue, reopen } = queueOnDisk();
    // NTFS numbers use all 64 bits, and times have fractions of a millisecond.
    const file = foundFile(1, { path: 'album/图 🖼.png', inode: 2 ** 63, mtimeMs: 1_700_000_000_000.123 });
    expect(queue.add([file])).toBe(1);
    expect(reopen().item(1)).toEqual(queueItem(file));
  });

  it.each<[ItemState, number]>([
    ...(['queued', 'hashing', 'uploading', 'inDoubt', 'paused'] as const).map(
      (state) => [state, 0] as [ItemState, number],
    ),
    ...(['done', 'present', 'failed', 'cancelled'] as const).map((state) => [state, 1] as [ItemState, number]),
  ])('of a file that is %s already adds %i', (state, added) => {
    const { queue } = queueOnDisk();
    queue.add([foundFile(1)]);
    queue.change([{ key: 1, state }]);
    expect(queue.add([foundFile(1)])).toBe(added);
    expect(queue.page({ limit: 10 }).items).toHaveLength(1 + added);
  });

  it('takes a file once that comes twice in one call', () => {
    const { queue } = queueOnDisk();
    expect(queue.add([foundFile(1), foundFile(2), foundFile(1)])).toBe(2);
  });

  it('refuses a name that SQLite would keep as another one, and adds nothing of that call', () => {
    const { queue } = queueOnDisk();
    const add = (): number => queue.add([foundFile(1), foundFile(2, { file: '/photos/\uD800.png' })]);
    expect(add).toThrow(FleetError);
    expect(add).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    expect(queue.page({ limit: 10 }).items).toEqual([]);
  });

  it('never gives the key of a removed item to another one', () => {
    const { queue, reopen } = queueOnDisk();
    queue.add(foundFiles(2));
    queue.move('queued', 'cancelled');
    expect(queue.remove('cancelled')).toBe(2);
    const again = reopen();
    again.add([foundFile(3)]);
    expect(keysOf(again.page({ limit: 10 }).items)).toEqual([3]);
  });

  it('takes no more at once than it can without holding up the event loop', () => {
    const { queue } = queueOnDisk();
    expect(() => queue.add(foundFiles(MAX_CHANGES + 1))).toThrow(RangeError);
    expect(queue.add(foundFiles(MAX_CHANGES))).toBe(MAX_CHANGES);
  });
});

describe('changing', () => {
  it('sets what is named and leaves the rest', () => {
    const { queue, reopen } = queueOnDisk();
    queue.add([foundFile(1)]);
    const sent = { state: 'uploading', sha256: SHA, id: '2026/3/9/x', attempts: 2, isForced: true } as const;
    queue.change([{ key: 1, ...sent }]);
    const failure = { code: 'FILE_CHANGED', message: 'it grew' } as const;
    queue.change([
      { key: 1, retryAt: 12.5, failure },
      { key: 1, sizeBytes: 5, mtimeMs: 6.5, inode: 7 },
    ]);
    const all = { ...sent, retryAt: 12.5, failure, sizeBytes: 5, mtimeMs: 6.5, inode: 7 };
    expect(reopen().item(1)).toEqual(queueItem(all));
  });

  it('takes back what is named as null', () => {
    const { queue } = queueOnDisk();
    queue.add([foundFile(1)]);
    const failure = { code: 'IO_FAILED', message: 'no' } as const;
    queue.change([{ key: 1, sha256: SHA, id: 'i', retryAt: 5, failure, image: IMAGE, isForced: true }]);
    queue.change([{ key: 1, sha256: null, id: null, retryAt: null, failure: null, image: null, isForced: false }]);
    expect(queue.item(1)).toEqual(queueItem());
  });

  it('is all or nothing', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(2));
    const impossible = { key: 2, sizeBytes: 1.5 };
    expect(() => queue.change([{ key: 1, state: 'done' }, impossible])).toThrow(FleetError);
    expect(queue.item(1)?.state).toBe('queued');
    expect(queue.counts().done.files).toBe(0);
  });

  it('passes over an item that is gone, and a change that changes nothing', () => {
    const { queue } = queueOnDisk();
    queue.add([foundFile(1)]);
    queue.change([{ key: 9, state: 'done' }, { key: 1 }]);
    expect(queue.page({ limit: 10 }).items).toEqual([queueItem()]);
  });
});

describe('what is due', () => {
  it('is what does not wait, and what has waited long enough, in the order of the keys', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(6));
    queue.change([
      { key: 1, retryAt: 1001 },
      { key: 2, retryAt: 1000 },
      { key: 4, retryAt: 1 },
      { key: 5, state: 'paused', retryAt: 1 },
    ]);
    expect(keysOf(queue.due('queued', LATER))).toEqual([2, 3, 4, 6]);
    expect(keysOf(queue.due('queued', { ...LATER, after: 2, limit: 2 }))).toEqual([3, 4]);
    expect(queue.due('failed', LATER)).toEqual([]);
  });

  it('tells when the next try is, of items that are tried by themselves', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(4));
    expect(queue.nextDueAt(0)).toBeUndefined();
    queue.change([
      { key: 1, state: 'paused', retryAt: 10 },
      { key: 2, retryAt: 30 },
      { key: 3, state: 'inDoubt', retryAt: 20 },
    ]);
    expect(queue.nextDueAt(0)).toBe(20);
  });
});

describe('pages', () => {
  it.each([{}, { state: 'queued' as const }])('of %j hold every item once and end', (options) => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(10));
    queue.change([{ key: 4, retryAt: 99 }]);
    const seen: number[] = [];
    let pages = 0;
    for (let after: number | null = 0; after !== null; pages += 1) {
      const page = queue.page({ ...options, after, limit: 3 });
      seen.push(...keysOf(page.items));
      after = page.next;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(pages).toBe(4);
  });

  it.each([{}, { state: 'queued' as const }])('of %j begin at any place of the list', (options) => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(10));
    queue.change([{ key: 4, retryAt: 99 }]);
    const at = (skip: number, after = 0): readonly number[] =>
      keysOf(queue.page({ ...options, after, skip, limit: 3 }).items);
    expect([at(0), at(3), at(8), at(10), at(500)]).toEqual([[1, 2, 3], [4, 5, 6], [9, 10], [], []]);
    expect(at(2, 5)).toEqual([8, 9, 10]);
  });

  it('of a state hold no other', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(3));
    queue.change([{ key: 2, state: 'done' }]);
    expect(keysOf(queue.page({ state: 'queued', limit: 10 }).items)).toEqual([1, 3]);
  });
});

describe('moving and removing', () => {
  it('moves some at a time, forgets when they were to be tried, and says how many', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(MAX_CHANGES));
    queue.add([foundFile(MAX_CHANGES + 1)]);
    queue.change([{ key: 1, retryAt: 99 }]);
    expect(queue.move('queued', 'paused')).toBe(MAX_CHANGES);
    expect(queue.move('queued', 'paused')).toBe(1);
    expect(queue.move('queued', 'paused')).toBe(0);
    expect(queue.item(1)).toMatchObject({ state: 'paused', retryAt: null });
  });

  it('takes hash and id from those whose bytes were found changed, and from no others', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(3));
    const sent = { state: 'failed', sha256: SHA, id: 'i' } as const;
    queue.change([
      { key: 1, ...sent, failure: { code: 'ID_TAKEN', message: '' } },
      { key: 2, ...sent, failure: { code: 'FILE_TOO_LARGE', message: '' } },
      { key: 3, ...sent },
    ]);
    queue.move('failed', 'queued');
    expect(queue.item(1)).toMatchObject({ state: 'queued', sha256: null, id: null, failure: { code: 'ID_TAKEN' } });
    expect(queue.item(2)).toMatchObject({ state: 'queued', sha256: SHA, id: 'i' });
    expect(queue.item(3)).toMatchObject({ state: 'queued', sha256: SHA, id: 'i' });
  });

  it('removes only what is in the state', () => {
    const { queue } = queueOnDisk();
    queue.add(foundFiles(3));
    queue.change([{ key: 2, state: 'done' }]);
    expect(queue.remove('done')).toBe(1);
    expect(keysOf(queue.page({ limit: 10 }).items)).toEqual([1, 3]);
  });
});

describe('known hashes', () => {
  const stamp = { file: '/photos/a.png', sizeBytes: 5, mtimeMs: 1.25, inode: 9 };

  it('are found as long as the stamp is the same', () => {
    const { queue, reopen } = queueOnDisk();
    queue.keepHashes([{ ...stamp, sha256: SHA }]);
    const again = reopen();
    expect(again.knownHash(stamp.file, stamp)).toBe(SHA);
    expect(again.knownHash(stamp.file, { ...stamp, sizeBytes: 6 })).toBeUndefined();
    expect(again.knownHash(stamp.file, { ...stamp, mtimeMs: 1.5 })).toBeUndefined();
    expect(again.knownHash(stamp.file, { ...stamp, inode: 8 })).toBeUndefined();
    expect(again.knownHash('/photos/b.png', stamp)).toBeUndefined();
  });

  it('are replaced when the file was read anew', () => {
    const { queue } = queueOnDisk();
    queue.keepHashes([{ ...stamp, sha256: SHA }]);
    queue.keepHashes([{ ...stamp, mtimeMs: 2, sha256: OTHER_SHA }]);
    expect(queue.knownHash(stamp.file, stamp)).toBeUndefined();
    expect(queue.knownHash(stamp.file, { ...stamp, mtimeMs: 2 })).toBe(OTHER_SHA);
  });
});
