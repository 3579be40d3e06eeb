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

/** Colour types of a PNG. */
const GREY = 0;
const RGB = 2;

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
  return png({ width, height, colourType: GREY, rows });
}

/** A PNG that people can look at: coloured squares, another picture for each seed. */
export function squaresImage({ seed }: { readonly seed: number }): Buffer {
  const width = 120 + ((seed * 37) % 160);
  const height = 100 + ((seed * 53) % 120);
  const rowBytes = width * 3 + 1;
  const rows = Buffer.alloc(height * rowBytes);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const square = (x >> 5) + (y >> 5) + seed;
      const colour = [60 + ((square * 47) % 180), 90 + ((square * 31 + seed * 20) % 150), 110 + ((seed * 29) % 140)];
      rows.set(colour, y * rowBytes + 1 + x * 3);
    }
  }
  return png({ width, height, colourType: RGB, rows });
}

interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly colourType: number;
  /** Each row begins with the number of its filter. */
  readonly rows: Buffer;
}

function png({ width, height, colourType, rows }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colourType;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows, { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
