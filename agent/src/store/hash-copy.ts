import { createHash } from 'node:crypto';
import { diskError } from './disk/disk-error.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageStore } from './image-store.ts';

const READ_BYTES = 256 * 1024;

export interface CopyDigest {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Hashes this server's copy as it lies on the disk, in bounded memory; undefined when there is none. */
export async function hashCopy(
  store: Pick<ImageStore, 'open'>,
  path: ImagePath,
  stagingName: string | null,
): Promise<CopyDigest | undefined> {
  const copy = await store.open(path, stagingName);
  if (copy === undefined) return undefined;
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, copy.sizeBytes)));
  let sizeBytes = 0;
  try {
    for (;;) {
      const { bytesRead } = await copy.handle.read(buffer, 0, buffer.length, sizeBytes);
      if (bytesRead === 0) return { sha256: digest.digest('hex'), sizeBytes };
      digest.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
  } catch (error) {
    throw diskError(error, `read ${path}`);
  } finally {
    await copy.handle.close();
  }
}
