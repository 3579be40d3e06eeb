import { access, constants, open, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { ItemFailure } from '#engine/queue/queue-item.ts';
import type { SentItem } from '#engine/queue/upload-ports.ts';

/** Memory of one request: a chunk in the hand, one in the stream. */
const CHUNK_BYTES = 64 * 1024;

/** A file of the operator's own disk cannot be sent as it was queued. */
export class SentFileError extends Error {
  readonly key: number;
  readonly failure: ItemFailure;

  constructor(key: number, failure: ItemFailure, cause?: unknown) {
    super(failure.message, { cause });
    this.key = key;
    this.failure = failure;
  }
}

/** How many of `bytes` may go out now; waits until at least one may. */
export type TakeBytes = (bytes: number, signal: AbortSignal) => Promise<number>;

/** Throws SentFileError when the file is not there any more, may not be read, or is not as it was queued. */
export async function checkFile(item: SentItem): Promise<void> {
  try {
    assertAsQueued(item, await stat(item.file));
    await access(item.file, constants.R_OK);
  } catch (error) {
    throw sentFileError(item, error);
  }
}

/**
 * The bytes of a file, opened with the first read; exactly as many as were queued, or SentFileError. Looked at once more
 * behind the last byte: a file that grew or was written meanwhile fails while the request can still be cut, so that half
 * of an image which another program is just writing is not stored.
 */
export async function* readFile(item: SentItem, take: TakeBytes, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(item.file, 'r');
    assertAsQueued(item, await handle.stat());
    for (let position = 0; position < item.sizeBytes;) {
      const chunk = await readChunk(item, handle, position);
      position += chunk.length;
      for (let start = 0; start < chunk.length;) {
        const granted = await take(chunk.length - start, signal);
        yield chunk.subarray(start, start + granted);
        start += granted;
      }
    }
    assertAsQueued(item, await handle.stat());
  } catch (error) {
    signal.throwIfAborted();
    throw sentFileError(item, error);
  } finally {
    await handle?.close();
  }
}

async function readChunk(item: SentItem, handle: FileHandle, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, item.sizeBytes - position));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  if (bytesRead === 0) throw changed(item, 'it became shorter while it was sent');
  return buffer.subarray(0, bytesRead);
}

/** The inode stays out: shares make it up anew, and a file with new bytes under the old time still shows by its hash. */
function assertAsQueued(item: SentItem, stats: Stats): void {
  if (!stats.isFile()) throw changed(item, 'it is not a file any more');
  if (stats.size !== item.sizeBytes) {
    throw changed(item, `it has ${String(stats.size)} bytes, and had ${String(item.sizeBytes)} when it was read`);
  }
  if (stats.mtimeMs !== item.mtimeMs) throw changed(item, 'it was written since it was read');
}

function changed(item: SentItem, what: string): SentFileError {
  return new SentFileError(item.key, { code: 'FILE_CHANGED', message: `${item.file}: ${what}` });
}

function sentFileError(item: SentItem, error: unknown): SentFileError {
  if (error instanceof SentFileError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  // Of a folder that became a file the path is just as gone.
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR';
  const message = isMissing ? `${item.file} is not there any more` : `${item.file} cannot be read (${code})`;
  return new SentFileError(item.key, { code: isMissing ? 'FILE_MISSING' : 'FILE_UNREADABLE', message }, error);
}
