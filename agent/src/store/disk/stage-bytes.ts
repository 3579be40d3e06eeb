import { createHash, hash } from 'node:crypto';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StageOptions } from '../image-store.ts';
import { HEAD_BYTES, sniffImageType, type SniffedType } from './image-type.ts';
import { LimitedBody } from './limited-body.ts';
import { SyncedFile } from './synced-file.ts';

/** Bodies below this size go to the disk in one write; larger ones in writes of about this size. */
const GATHER_BYTES = 256 * 1024;

export interface StagedBytes {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly type: SniffedType | undefined;
  readonly bytes?: Uint8Array;
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
    const whole = joined(first);
    const staged = await stageSmall(path, whole);
    return options.keepBytes === true ? { ...staged, bytes: whole } : staged;
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
  const head = joined(first).subarray(0, HEAD_BYTES);
  await writeNew(path, async (file) => {
    for (let chunks = first; chunks.length > 0; chunks = await body.gather(GATHER_BYTES)) {
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

function joined(chunks: readonly Uint8Array[]): Buffer {
  const only = chunks[0];
  if (chunks.length === 1 && only !== undefined) return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
  return Buffer.concat(chunks);
}
