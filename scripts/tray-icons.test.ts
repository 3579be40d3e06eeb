import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { trayIcons } from './tray-icons.ts';

const FOLDER = join(import.meta.dirname, '../build/tray');

/** Alpha of every pixel, of a picture as encodePng writes it. */
function alphaOf(png: Buffer): readonly number[] {
  const size = png.readUInt32BE(16);
  const start = png.indexOf('IDAT') + 4;
  const rows = inflateSync(png.subarray(start, png.indexOf('IEND') - 8));
  return Array.from(
    { length: size * size },
    (_, at) => rows[Math.floor(at / size) * (size * 4 + 1) + 1 + (at % size) * 4 + 3] ?? 0,
  );
}

describe('the icons of the tray', () => {
  const icons = trayIcons();

  it('lie in build/tray as they are drawn', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...icons.keys()].sort());
    for (const [name, bytes] of icons) expect(readFileSync(join(FOLDER, name)).equals(bytes), name).toBe(true);
  });

  it('differ by their shape in each state, for whoever does not see colours', () => {
    const shapes = ['ok', 'warn', 'down', 'unknown'].map((name) =>
      alphaOf(icons.get(`${name}.png`) ?? Buffer.alloc(0)),
    );
    for (const [index, shape] of shapes.entries()) {
      expect(shape.some((alpha) => alpha === 255) && shape.some((alpha) => alpha === 0)).toBe(true);
      for (const other of shapes.slice(index + 1)) {
        const differing = shape.filter((alpha, at) => Math.abs(alpha - (other[at] ?? 0)) > 64).length;
        expect(differing).toBeGreaterThan(20);
      }
    }
  });
});
