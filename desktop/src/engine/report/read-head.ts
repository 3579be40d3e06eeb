import { open } from 'node:fs/promises';
import { HEAD_BYTES } from '@imagefleet/shared/node/image-type.ts';

const GONE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);

/** The first bytes of a file, as many as tell its type, or why they cannot be read. */
export async function readHead(file: string): Promise<Buffer | 'vanished' | 'unreadable'> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return error instanceof Error && 'code' in error && GONE.has(error.code) ? 'vanished' : 'unreadable';
  }
}
