/**
 * Single probes of one minute, packed: the milliseconds since its begin (16 bits) and the latency in milliseconds (a
 * 32-bit float, so a figure has seven digits); a failure is -1. Little-endian.
 */
const SAMPLE_BYTES = 6;
const FAILURE = -1;

export interface LatencySample {
  /** Since the begin of the minute. */
  readonly offsetMs: number;
  /** Null: the probe failed. */
  readonly latencyMs: number | null;
}

export function encodeSamples(samples: readonly LatencySample[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, { offsetMs, latencyMs }] of samples.entries()) {
    view.setUint16(index * SAMPLE_BYTES, offsetMs, true);
    view.setFloat32(index * SAMPLE_BYTES + 2, latencyMs ?? FAILURE, true);
  }
  return bytes;
}

export function decodeSamples(bytes: Uint8Array): readonly LatencySample[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.byteLength / SAMPLE_BYTES) }, (_, index) => {
    const latencyMs = view.getFloat32(index * SAMPLE_BYTES + 2, true);
    return { offsetMs: view.getUint16(index * SAMPLE_BYTES, true), latencyMs: latencyMs < 0 ? null : latencyMs };
  });
}
