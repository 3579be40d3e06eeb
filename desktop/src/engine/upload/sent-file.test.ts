import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SentItem } from '#engine/queue/upload-ports.ts';
import { sentFile } from '#engine/testing/sent-items.ts';
import { checkFile, readFile, SentFileError } from './sent-file.ts';

const CHUNKS_BYTES = 200_000;

describe('a file that is sent', () => {
  let dir: string;
  let item: SentItem;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    item = await sentFile(dir, 'a.png', Buffer.alloc(CHUNKS_BYTES, 'abc'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  /** Reads it to its end; `during` runs before its first piece goes out. */
  async function read(during: () => Promise<unknown> = async () => undefined): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const signal = new AbortController().signal;
    const take = async (bytes: number): Promise<number> => {
      if (pieces.length === 0) await during();
      return bytes;
    };
    for await (const piece of readFile(item, take, signal)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** A link that leads to itself: what even root cannot read. */
  async function makeUnreadable(): Promise<void> {
    await rm(item.file);
    await symlink(item.file, item.file);
  }

  const changes: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['vanished', () => rm(item.file), 'FILE_MISSING'],
    [
      'is below a folder that became a file',
      async () => {
        item = { ...item, file: join(item.file, 'below.png') };
      },
      'FILE_MISSING',
    ],
    ['cannot be read', makeUnreadable, 'FILE_UNREADABLE'],
    ['grew', () => appendFile(item.file, 'x'), 'FILE_CHANGED'],
    ['shrank', () => truncate(item.file, 10), 'FILE_CHANGED'],
    ['was written with as many bytes', () => utimes(item.file, 1_000_000_000, 1_000_000_000), 'FILE_CHANGED'],
    ['is a folder now', () => rm(item.file).then(() => mkdir(item.file)), 'FILE_CHANGED'],
  ];

  it.each(changes)('has an outcome of its own before the request when it %s', async (_, change, code) => {
    await change();
    await expect(checkFile(item)).rejects.toMatchObject({ key: item.key, failure: { code } });
    await expect(checkFile(item)).rejects.toBeInstanceOf(SentFileError);
  });

  it.each(changes)('has the same outcome when its turn comes when it %s', async (_, change, code) => {
    await change();
    await expect(read()).rejects.toMatchObject({ key: item.key, failure: { code } });
  });

  it.each(changes.filter(([what]) => /grew|shrank|written/.test(what)))(
    'fails before its last byte is behind it when it %s while it is read',
    async (_, change) => {
      await expect(read(change)).rejects.toMatchObject({ key: item.key, failure: { code: 'FILE_CHANGED' } });
    },
  );

  it('is sent to its end as it was queued when another one takes its name meanwhile', async () => {
    await writeFile(join(dir, 'b.png'), 'other');
    const bytes = await read(() => rename(join(dir, 'b.png'), item.file));
    expect(bytes.equals(Buffer.alloc(CHUNKS_BYTES, 'abc'))).toBe(true);
  });

  it('is given out in pieces as small as the rate grants', async () => {
    const sizes: number[] = [];
    const granted = [1, 70_000, 10, 5];
    const take = async (bytes: number): Promise<number> => Math.min(bytes, granted.shift() ?? bytes);
    let bytes = Buffer.alloc(0);
    for await (const piece of readFile(item, take, new AbortController().signal)) {
      sizes.push(piece.length);
      bytes = Buffer.concat([bytes, piece]);
    }
    expect(sizes.slice(0, 4)).toEqual([1, 65_535, 10, 5]);
    expect(bytes.equals(Buffer.alloc(CHUNKS_BYTES, 'abc'))).toBe(true);
  });

  it('passes a check, and is left as it is, when nothing happened to it', async () => {
    await checkFile(item);
    expect((await read()).length).toBe(CHUNKS_BYTES);
    await checkFile(item);
  });
});
