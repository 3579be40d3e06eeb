import { crc32, deflateSync } from 'node:zlib';

/** Small deterministic generator (mulberry32), so that a test names its images by seed and can make them again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** A valid 8-bit grey PNG (ISO/IEC 15948) of noise; about `sizeBytes` long, at least some 70 bytes. */
export function pngImage(options: { readonly seed: number; readonly sizeBytes?: number }): Buffer {
  const random = seededRandom(options.seed);
  const width = 64;
  const height = Math.max(1, Math.round(((options.sizeBytes ?? 4000) - 70) / (width + 1)));
  const rows = Buffer.alloc(height * (width + 1));
  for (let offset = 0; offset < rows.length; offset += 1) {
    rows[offset] = offset % (width + 1) === 0 ? 0 : Math.floor(random() * 256);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows, { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
