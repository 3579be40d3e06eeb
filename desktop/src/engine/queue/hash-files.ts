import type { FileFailureCode } from '#bridge/engine-words.ts';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { FileStamp } from './queue-item.ts';
import type { UploadQueueStore } from './upload-queue-store.ts';

export interface FileToHash {
  readonly key: number;
  readonly file: string;
}

export type HashOutcome =
  /** `isKnown`: by the stamp, the file was not read. `isSettled`: its stamp will tell of the next change. */
  | {
      readonly kind: 'hashed';
      readonly key: number;
      readonly file: string;
      readonly sha256: string;
      readonly stamp: FileStamp;
      readonly isKnown: boolean;
      readonly isSettled: boolean;
    }
  | { readonly kind: 'failed'; readonly key: number; readonly code: FileFailureCode; readonly message: string };

export interface HashOptions {
  readonly known: Pick<UploadQueueStore, 'knownHash'>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Files that are read at the same time; each has one buffer of CHUNK_BYTES at most. */
  readonly concurrency?: number;
}

/** What a file was while it was read. */
interface Content {
  readonly sha256: string;
  readonly stamp: FileStamp;
}

const CHUNK_BYTES = 256 * 1024;
/** Small files mostly wait for the system's threads to open and close them. */
const CONCURRENCY = 8;
/** A file that changes each time it is read is still being written. */
const READS = 2;
/** FAT keeps times to two seconds: a change right after the last one may leave the stamp as it is. */
const COARSE_TIME_MS = 2000;
/** A pipe that took the place of a file would keep a thread until somebody writes to it. Windows has no such flag. */
const OPEN_FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
const GONE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/**
 * SHA-256 of each file and the stamp it had meanwhile, as they end; known hashes are taken by the stamp that a file has now.
 * A file that is another one before and after it was read is read once more. Outcomes of failure: FILE_MISSING, FILE_UNREADABLE,
 * FILE_CHANGED. Throws only what `signal` was aborted with, once no file is open any more.
 */
export async function* hashFiles(
  files: Iterable<FileToHash>,
  options: HashOptions,
): AsyncGenerator<HashOutcome, void, undefined> {
  const running = new Map<number, Promise<readonly [number, HashOutcome]>>();
  let place = 0;
  try {
    for (const file of files) {
      options.signal.throwIfAborted();
      const number = place++;
      running.set(
        number,
        hashOne(file, options).then((outcome) => [number, outcome]),
      );
      if (running.size >= (options.concurrency ?? CONCURRENCY)) yield await nextOf(running);
    }
    while (running.size > 0) yield await nextOf(running);
  } finally {
    await Promise.allSettled(running.values());
  }
}

async function nextOf(running: Map<number, Promise<readonly [number, HashOutcome]>>): Promise<HashOutcome> {
  const [number, outcome] = await Promise.race(running.values());
  running.delete(number);
  return outcome;
}

async function hashOne({ key, file }: FileToHash, { known, signal, now }: HashOptions): Promise<HashOutcome> {
  try {
    const stamp = stampOf(await stat(file));
    const sha256 = known.knownHash(file, stamp);
    const isSettled = now() - stamp.mtimeMs > COARSE_TIME_MS;
    if (sha256 !== undefined) return { kind: 'hashed', key, file, sha256, stamp, isKnown: true, isSettled };
    for (let read = 0; read < READS; read += 1) {
      const content = await readContent(file, signal);
      if (content === undefined) continue;
      const isOld = now() - content.stamp.mtimeMs > COARSE_TIME_MS;
      return { kind: 'hashed', key, file, ...content, isKnown: false, isSettled: isOld };
    }
    return { kind: 'failed', key, code: 'FILE_CHANGED', message: `${file} changes while it is read` };
  } catch (error) {
    signal.throwIfAborted();
    const systemCode = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (GONE.has(systemCode)) return { kind: 'failed', key, code: 'FILE_MISSING', message: `${file} is not there` };
    return { kind: 'failed', key, code: 'FILE_UNREADABLE', message: `${file} cannot be read (${systemCode})` };
  }
}

/** Undefined when the file was another one after it was read. */
async function readContent(file: string, signal: AbortSignal): Promise<Content | undefined> {
  const handle = await open(file, OPEN_FLAGS);
  try {
    const before = await handle.stat();
    if (!before.isFile()) throw Object.assign(new Error(`${file} is no file`), { code: 'it is no file' });
    const stamp = stampOf(before);
    const sha256 = await hashOf(handle, stamp.sizeBytes, signal);
    // By its name: another file may have taken its place, which the open one would never tell.
    return sha256 !== undefined && isSame(stamp, stampOf(await stat(file))) ? { sha256, stamp } : undefined;
  } finally {
    await handle.close();
  }
}

/** Undefined when there are not exactly `sizeBytes`; reading ends at the first byte too many, because a log never does. */
async function hashOf(handle: FileHandle, sizeBytes: number, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + 1));
  let total = 0;
  while (total <= sizeBytes) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, total);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return total === sizeBytes ? hash.digest('hex') : undefined;
}

function stampOf({
  size,
  mtimeMs,
  ino,
}: {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}): FileStamp {
  return { sizeBytes: size, mtimeMs, inode: ino };
}

function isSame(one: FileStamp, other: FileStamp): boolean {
  return one.sizeBytes === other.sizeBytes && one.mtimeMs === other.mtimeMs && one.inode === other.inode;
}
