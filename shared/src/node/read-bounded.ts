import type { FileHandle } from 'node:fs/promises';

/** All of an open file as UTF-8; undefined when it is longer, as a device is that never ends. */
export async function readBounded(handle: FileHandle, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of handle.createReadStream({ end: maxBytes, autoClose: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
  }
  return length > maxBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}
