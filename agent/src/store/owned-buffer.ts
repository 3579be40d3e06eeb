/**
 * Memory for image bytes that is given back at once. Left to the garbage collector, buffers of some ten kilobytes each
 * pile up to a hundred megabytes between two of its rounds, because to it they are only small objects.
 */
export function allocateOwned(sizeBytes: number): Buffer<ArrayBuffer> {
  // Never from the shared pool: the whole memory behind it is freed.
  return Buffer.allocUnsafeSlow(sizeBytes);
}

/** A copy of the pieces in one. */
export function ownedConcat(pieces: readonly Uint8Array[], sizeBytes: number): Buffer<ArrayBuffer> {
  const whole = allocateOwned(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * Frees the memory and leaves the buffer empty. Only for buffers of `allocateOwned`, and only after everything that
 * reads them has ended well: a write that still runs in the system after a failure would read freed memory, so there
 * the collector does it.
 */
export function freeOwned(buffer: Buffer<ArrayBuffer>): void {
  buffer.buffer.transfer(0);
}

/**
 * The same for a chunk from a connection, which is the only view of its memory unless it was cut. A chunk that was cut
 * stays: who has the other part is not known here.
 */
export function freeChunk(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
