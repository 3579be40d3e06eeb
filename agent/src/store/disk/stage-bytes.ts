import { createHash } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { HEAD_BYTES, sniffImageType, type SniffedType } from '@imagefleet/shared/node/image-type.ts';
import type { StageOptions } from '../image-store.ts';
import { freeChunk, ownedConcat } from '../owned-buffer.ts';
import { LimitedBody } from './limited-body.ts';
import type { SmallFiles } from './small-files.ts';
import { SyncedFile } from './synced-file.ts';

/** Bodies below this size are gathered and go to the disk in one piece. */
const GATHER_BYTES = 128 * 1024;
/** Larger ones follow in writes of about this size: as little as possible of them is in memory. */
const STEP_BYTES = 64 * 1024;

export interface StagedBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly type: SniffedType | undefined;
}

/** Streams a source into the new file at `path`, hashes and syncs it. After a failure the file is gone. */
export async function stageBytes(
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: StageOptions & { readonly files: SmallFiles },
): Promise<StagedBytes> {
  const body = new LimitedBody(source, options);
  try {
    const first = await body.gather(GATHER_BYTES);
    if (!body.isAtEnd) return await stageLarge(path, first, body);
    // Copied at once: a chunk keeps the whole network buffer alive that it is a part of, here until the disk is done.
    return await stageWhole(path, ownedConcat(first, body.sizeBytes), options.files);
  } finally {
    body.release();
  }
}

/** The same for bytes in memory of `allocateOwned`, which are given away. */
export async function stageWhole(path: string, whole: Buffer<ArrayBuffer>, files: SmallFiles): Promise<StagedBytes> {
  const sizeBytes = whole.length;
  if (sizeBytes === 0) throw new FleetError('EMPTY_FILE', 'the file has no bytes');
  // Before the bytes are given away.
  const type = await sniffImageType(whole.subarray(0, HEAD_BYTES));
  return { sha256: await files.write(path, whole), sizeBytes, type };
}

async function stageLarge(path: string, first: Uint8Array[], body: LimitedBody): Promise<StagedBytes> {
  const digest = createHash('sha256');
  const head = Buffer.concat(first, HEAD_BYTES);
  await writeNew(path, async (file) => {
    for (let chunks = first; chunks.length > 0; chunks = await body.gather(STEP_BYTES)) {
      const written = file.write(chunks);
      for (const chunk of chunks) digest.update(chunk);
      await written;
      if (body.freesChunks) for (const chunk of chunks) freeChunk(chunk);
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
