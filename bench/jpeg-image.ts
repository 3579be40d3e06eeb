/** Codes of four bits; the one of all ones is forbidden (ITU-T T.81, C.2), so 15 are left. */
const CODE_BITS = 4;
const DC_SIZES = [0, 1, 2, 3, 4, 5, 6, 7];
/** Run and size of AC coefficients: no zeros before, one to six bits. */
const AC_SIZES = [1, 2, 3, 4, 5, 6];
const BLOCK = 8;
const COEFFICIENTS = 64;
const BYTES_PER_BLOCK = 59;

/** A valid baseline grey JPEG (ITU-T T.81) of noise, about `sizeBytes` long. */
export function jpegImage(options: { readonly random: () => number; readonly sizeBytes: number }): Buffer {
  const blocks = Math.max(1, Math.round(options.sizeBytes / BYTES_PER_BLOCK));
  const columns = Math.ceil(Math.sqrt(blocks));
  const rows = Math.ceil(blocks / columns);
  const header = Buffer.alloc(9);
  header.writeUInt8(BLOCK, 0);
  header.writeUInt16BE(rows * BLOCK, 1);
  header.writeUInt16BE(columns * BLOCK, 3);
  header.set([1, 1, 0x11, 0], 5);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(COEFFICIENTS, 8)])),
    segment(0xc0, header),
    segment(0xc4, huffmanTable(0x00, DC_SIZES)),
    segment(0xc4, huffmanTable(0x10, AC_SIZES)),
    segment(0xda, Buffer.from([1, 1, 0x00, 0, 63, 0])),
    scan(columns * rows, options.random),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

function huffmanTable(id: number, symbols: readonly number[]): Buffer {
  const counts = Array.from({ length: 16 }, (_unused, index) => (index === CODE_BITS - 1 ? symbols.length : 0));
  return Buffer.from([id, ...counts, ...symbols]);
}

/** Entropy-coded data: each block one DC difference and 63 coefficients, all of them noise. */
function scan(blocks: number, random: () => number): Buffer {
  const out = Buffer.alloc(blocks * BYTES_PER_BLOCK * 3);
  let length = 0;
  let bits = 0;
  let bitCount = 0;
  const put = (value: number, width: number): void => {
    bits = (bits << width) | value;
    bitCount += width;
    while (bitCount >= 8) {
      const byte = (bits >>> (bitCount - 8)) & 0xff;
      bitCount -= 8;
      out[length++] = byte;
      // A byte of all ones would begin a marker (B.1.1.5).
      if (byte === 0xff) out[length++] = 0;
    }
    bits &= (1 << bitCount) - 1;
  };
  for (let block = 0; block < blocks; block += 1) {
    for (let index = 0; index < COEFFICIENTS; index += 1) {
      const sizes = index === 0 ? DC_SIZES : AC_SIZES;
      const code = Math.floor(random() * sizes.length);
      put(code, CODE_BITS);
      const size = sizes[code] ?? 0;
      put(Math.floor(random() * 2 ** size), size);
    }
  }
  if (bitCount > 0) put((1 << (8 - bitCount)) - 1, 8 - bitCount);
  return out.subarray(0, length);
}
