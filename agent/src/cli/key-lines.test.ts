import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyLines } from './key-lines.ts';

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function linesOf(text: string, sizes: readonly number[] = []): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of keyLines(pieces(Buffer.from(text), sizes))) lines.push(...batch);
  return lines;
}

describe('keyLines', () => {
  it('gives every line once, wherever the pieces break', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n]/g, ''))),
        fc.array(fc.nat(9)),
        async (keys, sizes) => {
          expect(await linesOf(keys.map((key) => `${key}\n`).join(''), sizes)).toEqual(
            keys.map((key, index) => (index === 0 ? key.replace(/^\ufeff/, '') : key)),
          );
        },
      ),
    );
  });

  it('takes the line ends of Windows, empty lines, and a last line without its end', async () => {
    expect(await linesOf('a\r\n\r\nb\n\nc')).toEqual(['a', '', 'b', '', 'c']);
    expect(await linesOf('')).toEqual([]);
  });

  it('refuses a line without end, and says which it is', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first\n');
      for (;;) yield Buffer.alloc(10_000, 'x');
    }
    const read = async () => {
      for await (const batch of keyLines(endless())) expect(batch).toEqual(['first']);
    };
    await expect(read()).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('Line 2 ') as string,
    });
  });
});
