import type { EncodedBatch } from '../batch-encoder.ts';

/** The bytes of a batch as they go over the wire. */
export async function wholeOf(batch: EncodedBatch): Promise<Buffer> {
  const body = batch.body();
  return body instanceof Uint8Array ? body : Buffer.concat((await body.toArray()) as Buffer[]);
}
