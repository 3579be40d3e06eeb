import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Large reads keep the number of trips through the thread pool small. */
const CHUNK_BYTES = 256 * 1024;

/** SHA-256 of a file in lower-case hex, streamed. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const source = createReadStream(file, {
    highWaterMark: CHUNK_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of source as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest('hex');
}
