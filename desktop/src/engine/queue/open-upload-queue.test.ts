import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { foundFile, foundFiles, queueOnDisk, SHA } from '../testing/queue-builders.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { openUploadQueue, type OpenedQueue } from './open-upload-queue.ts';

const NOW = Date.UTC(2026, 2, 9, 8, 5, 30);
const ASIDE = 'queue.sqlite.damaged-2026-03-09T08-05-30';
const PAGE_BYTES = 4096;

function opened(file: string): OpenedQueue {
  const result = openUploadQueue(file, NOW);
  onTestFinished(() => {
    if (result.queue.isOpen) result.queue.close();
  });
  return result;
}

/** A queue of some pages, closed, so that all of it is in its file. */
function filledQueue(): string {
  const { file, queue, close } = queueOnDisk();
  queue.add(foundFiles(1000));
  close();
  return file;
}

describe('a file that is damaged', () => {
  it.each<[string, (file: string) => void]>([
    ['is no database', (file) => writeFileSync(file, 'not a database, whatever its name says '.repeat(500))],
    ['was cut short', (file) => truncateSync(file, statSync(file).size / 2)],
    [
      'has pages of rubbish',
      (file) => {
        const handle = openSync(file, 'r+');
        for (let page = 3; page < 12; page += 1)
          writeSync(handle, Buffer.alloc(PAGE_BYTES, 0x5a), 0, PAGE_BYTES, page * PAGE_BYTES);
        closeSync(handle);
      },
    ],
    [
      'lacks a table',
      (file) => {
        const database = new DatabaseSync(file);
        database.exec('DROP TABLE known_hash');
        database.close();
      },
    ],
  ])('because it %s is set aside as it is, and a new queue begins', (_why, damage) => {
    const file = filledQueue();
    damage(file);
    const bytes = readFileSync(file);
    const { queue, setAsideAs } = opened(file);
    expect(setAsideAs).toBe(join(dirname(file), ASIDE));
    expect(readFileSync(setAsideAs ?? '')).toEqual(bytes);
    expect(queue.recover().queued.files).toBe(0);
    expect(queue.add([foundFile(1)])).toBe(1);
  });

  it('leaves nothing of its log to the new queue', () => {
    const { file, queue, reopen } = queueOnDisk();
    queue.add(foundFiles(1000));
    const again = reopen();
    again.change([{ key: 500, state: 'done' }]);
    // As kill -9 leaves it: the last change is only in the log.
    const copy = join(tempFolder(), 'queue.sqlite');
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix);
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(PAGE_BYTES);
    writeFileSync(copy, 'rubbish '.repeat(2000));
    const { queue: begun, setAsideAs } = opened(copy);
    expect(setAsideAs).not.toBeNull();
    expect(begun.recover().queued.files).toBe(0);
    expect(begun.add(foundFiles(5))).toBe(5);
    begun.close();
    const later = opened(copy);
    expect(later.setAsideAs).toBeNull();
    expect(later.queue.recover().queued.files).toBe(5);
  });

  it('is not taken for one when all that it lacks is in its log', () => {
    const { file, queue } = queueOnDisk();
    queue.add(foundFiles(1000));
    const copy = join(tempFolder(), 'queue.sqlite');
    for (const suffix of ['', '-wal']) copyFileSync(file + suffix, copy + suffix);
    const { queue: again, setAsideAs } = opened(copy);
    expect(setAsideAs).toBeNull();
    expect(again.recover().queued.files).toBe(1000);
  });

  it('does not take the place of one that was set aside in the same second', () => {
    const file = filledQueue();
    const folder = dirname(file);
    for (const text of ['first', 'second']) {
      writeFileSync(file, text.repeat(1000));
      openUploadQueue(file, NOW).queue.close();
    }
    expect(readFileSync(join(folder, ASIDE), 'utf8')).toContain('first');
    expect(readFileSync(join(folder, `${ASIDE}-2`), 'utf8')).toContain('second');
  });
});

describe('a file that is not damaged', () => {
  it('is not set aside, nor is one that is not there yet, or is empty', () => {
    const file = join(tempFolder(), 'queue.sqlite');
    writeFileSync(file, '');
    for (let round = 0; round < 2; round += 1) {
      const { queue, setAsideAs } = openUploadQueue(file, NOW);
      expect(setAsideAs).toBeNull();
      expect(queue.add([foundFile(1)])).toBe(round === 0 ? 1 : 0);
      queue.close();
    }
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('of a newer version is refused and left alone', () => {
    const { file, byHand } = queueOnDisk();
    byHand((database) => database.exec('PRAGMA user_version = 99'));
    const bytes = readFileSync(file);
    expect(() => openUploadQueue(file, NOW)).toThrow(
      expect.objectContaining({ code: 'CFG_INVALID', message: expect.stringContaining('newer version') as string }),
    );
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('of another program is refused and left alone', () => {
    const file = join(tempFolder(), 'queue.sqlite');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (a)');
    database.close();
    expect(() => openUploadQueue(file, NOW)).toThrow(
      expect.objectContaining({ code: 'CFG_INVALID', message: expect.stringContaining('another program') as string }),
    );
    expect(readdirSync(dirname(file))).toEqual([basename(file)]);
  });

  it('that cannot be opened says so', () => {
    const file = join(tempFolder(), 'no', 'such', 'queue.sqlite');
    expect(() => openUploadQueue(file, NOW)).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
  });

  it('belongs to one engine at a time', () => {
    const { file } = queueOnDisk();
    expect(() => openUploadQueue(file, NOW)).toThrow(expect.objectContaining({ code: 'PATH_BUSY' }));
  });
});

describe('what the end of the process left', () => {
  it('is in doubt when it was being sent, queued when it was being read, else as it was', () => {
    const { queue, reopen } = queueOnDisk();
    queue.add(foundFiles(4));
    queue.change([
      { key: 1, state: 'uploading', sha256: SHA, id: 'i' },
      { key: 2, state: 'hashing' },
      { key: 3, state: 'paused' },
      { key: 4, state: 'done' },
    ]);
    const again = reopen();
    const counts = again.recover();
    expect([1, 2, 3, 4].map((key) => again.item(key)?.state)).toEqual(['inDoubt', 'queued', 'paused', 'done']);
    expect(again.item(1)).toMatchObject({ sha256: SHA, id: 'i' });
    expect(counts).toMatchObject({ inDoubt: { files: 1, bytes: 1001 }, queued: { files: 1 }, uploading: { files: 0 } });
  });

  it('is counted anew, should the tally be wrong', () => {
    const { queue, byHand, reopen } = queueOnDisk();
    queue.add(foundFiles(2));
    byHand((database) => database.exec('UPDATE tally SET files = 77, bytes = 1'));
    expect(reopen().recover().queued).toEqual({ files: 2, bytes: 1001 + 1002 });
  });
});

describe('a row that makes no sense', () => {
  it.each([
    "state = 'teleported'",
    "file = ''",
    "sha256 = x'0102'",
    'size_bytes = -1',
    'size_bytes = 9223372036854775807',
    'attempts = -3',
    "image_path = 'a'",
  ])('by %s is passed over and counted, and the others go on', (damage) => {
    const { queue, byHand, reopen } = queueOnDisk();
    queue.add(foundFiles(3));
    byHand((database) => database.exec(`UPDATE item SET ${damage} WHERE key = 1`));
    const again = reopen();
    again.recover();
    expect(again.due('queued', { now: 0, limit: 1 }).map(({ key }) => key)).toEqual([2]);
    expect(again.page({ limit: 10 }).items.map(({ key }) => key)).toEqual([2, 3]);
    expect(again.item(1)).toBeUndefined();
    expect(again.passedOver()).toBe(1);
    expect(again.counts().queued).toEqual({ files: 2, bytes: 1002 + 1003 });
    again.recover();
    expect(again.passedOver()).toBe(1);
    expect(again.counts().queued.files).toBe(2);
  });

  it('is none for a code that this version does not know', () => {
    const { queue, byHand, reopen } = queueOnDisk();
    queue.add([foundFile(1)]);
    byHand((database) => database.exec("UPDATE item SET failure_code = 'MOON_FULL', failure_message = 'no place'"));
    expect(reopen().item(1)?.failure).toEqual({ code: 'INTERNAL', message: 'MOON_FULL: no place' });
  });
});
