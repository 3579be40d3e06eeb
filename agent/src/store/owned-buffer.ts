/**
 * Memory for image bytes that is given back at once. Left to the garbage collector, buffers of some ten kilobytes each
 * pile up to a hundred megabytes between two of its rounds, because to it they are only small objects.
 */
export function allocateOwned(sizeBytes: number): Buffer<ArrayBuffer> {
  // Never from the shared pool: the whole memory behind it is freed.
  return Buffer.allocUnsafeSlow(sizeBytes);
}

/**
 * Frees the memory and leaves the buffer empty. Only for buffers of `allocateOwned`, and only after everything that
 * reads them has ended well: a write that still runs in the system after a failure would read freed memory, so there
 * the collector does it.
 */
export function freeOwned(buffer: Buffer<ArrayBuffer>): void {
  buffer.buffer.transfer(0);
}
