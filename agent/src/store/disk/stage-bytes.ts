import { createHash, hash } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StageOptions } from '../image-store.ts';
import { allocateOwned, freeOwned } from '../owned-buffer.ts';
import { HEAD_BYTES, sniffImageType, type SniffedType } from './image-type.ts';
import { LimitedBody } from './limited-body.ts';
import { SyncedFile } from './synced-file.ts';

/** Bodies below this size go to the disk in one write. */
const GATHER_BYTES = 128 * 1024;
/** Larger ones follow in writes of about this size: as little as possible of them is in memory. */
const STEP_BYTES = 64 * 1024;

export interface StagedBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly type: SniffedType | undefined;
  readonly bytes?: Buffer<ArrayBuffer>;
}

/** Streams a source into the new file at `path`, hashes and syncs it. After a failure the file is gone. */
export async function stageBytes(
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: StageOptions,
): Promise<StagedBytes> {
  const body = new LimitedBody(source, options);
  try {
    const first = await body.gather(GATHER_BYTES);
    if (first.length === 0) throw new FleetError('EMPTY_FILE', 'the file has no bytes');
    if (!body.isAtEnd) return await stageLarge(path, first, body);
    // Copied at once: a chunk keeps the whole network buffer alive that it is a part of, here until the disk is done.
    const whole = ownedCopy(first);
    const staged = await stageSmall(path, whole);
    if (options.keepBytes === true) return { ...staged, bytes: whole };
    freeOwned(whole);
    return staged;
  } finally {
    body.release();
  }
}

async function stageSmall(path: string, whole: Buffer): Promise<StagedBytes> {
  const written = writeNew(path, (file) => file.write([whole]));
  // The pool writes while this thread hashes.
  const [type] = await Promise.all([sniffImageType(whole.subarray(0, HEAD_BYTES)), written]);
  return { sha256: hash('sha256', whole), sizeBytes: whole.length, type };
}

async function stageLarge(path: string, first: Uint8Array[], body: LimitedBody): Promise<StagedBytes> {
  const digest = createHash('sha256');
  const head = Buffer.concat(first, HEAD_BYTES);
  await writeNew(path, async (file) => {
    for (let chunks = first; chunks.length > 0; chunks = await body.gather(STEP_BYTES)) {
      const written = file.write(chunks);
      for (const chunk of chunks) digest.update(chunk);
      await written;
    }
  });
  return { sha256: digest.digest('hex'), sizeBytes: body.sizeBytes, type: await sniffImageType(head) };
}

async function writeNew(path: string, fill: (file: SyncedFile) => Promise<void>): Promise<void> {
  const file = await SyncedFile.create(path);
  try {
    await fill(file);
    await file.finish();
  } catch (error) {
    // The first failure is the one to report; a file that cannot be removed now goes at the next start.
    await file.abandon().catch(() => undefined);
    throw error;
  }
}

function ownedCopy(chunks: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const copy = allocateOwned(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    copy.set(chunk, at);
    at += chunk.length;
  }
  return copy;
}
