import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng } from './png.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'build/tray');
/** Each pixel is looked at in so many places each way, which makes its edges smooth. */
const SAMPLES = 4;

type Shape = (x: number, y: number) => boolean;

interface Icon {
  readonly shape: Shape;
  /** What is cut out of it. */
  readonly hole: Shape;
  readonly color: readonly [number, number, number];
}

/** Coordinates go from -1 to 1. A shape for each state: colours alone are not seen by everybody. */
const ICONS: Readonly<Record<string, Icon>> = {
  ok: { shape: disc(0.9), hole: tick, color: [0x2b, 0x8a, 0x3e] },
  warn: { shape: triangle, hole: (x, y) => bar(x, y, -0.3, 0.35) || dot(x, y, 0.6), color: [0xe6, 0x77, 0x00] },
  down: { shape: square, hole: cross, color: [0xc9, 0x2a, 0x2a] },
  unknown: { shape: disc(0.9), hole: disc(0.55), color: [0x86, 0x8e, 0x96] },
};

/** Ordinary screens, and those with twice the pixels; 24 is what some Linux desktops ask for. */
const SIZES = [
  { suffix: '', size: 16 },
  { suffix: '@1.5x', size: 24 },
  { suffix: '@2x', size: 32 },
];

/** The tray's icons by their file's name: in colour, and for macOS in black, which it paints as its menu bar is. */
export function trayIcons(): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [name, icon] of Object.entries(ICONS)) {
    for (const { suffix, size } of SIZES) {
      files.set(`${name}${suffix}.png`, draw(icon, size));
      files.set(`${name}Template${suffix}.png`, draw({ ...icon, color: [0, 0, 0] }, size));
    }
  }
  return files;
}

function draw({ shape, hole, color }: Icon, size: number): Buffer {
  const pixels = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let inside = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const x = ((column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
        const y = ((row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
        if (shape(x, y) && !hole(x, y)) inside += 1;
      }
      const alpha = Math.round((inside / (SAMPLES * SAMPLES)) * 255);
      pixels.set([...color, alpha], (row * size + column) * 4);
    }
  }
  return encodePng(pixels, size);
}

function disc(radius: number): Shape {
  return (x, y) => x * x + y * y <= radius * radius;
}

function square(x: number, y: number): boolean {
  return Math.max(Math.abs(x), Math.abs(y)) <= 0.82;
}

function triangle(x: number, y: number): boolean {
  return y <= 0.85 && y >= -0.9 && Math.abs(x) <= (y + 0.9) * 0.55;
}

function cross(x: number, y: number): boolean {
  const isOnLine = Math.abs(x - y) < 0.24 || Math.abs(x + y) < 0.24;
  return isOnLine && Math.max(Math.abs(x), Math.abs(y)) < 0.5;
}

function tick(x: number, y: number): boolean {
  const isShort = x >= -0.5 && x <= -0.12 && Math.abs(y - (x + 0.45)) < 0.19;
  const isLong = x > -0.14 && x <= 0.52 && Math.abs(y - (-x + 0.19)) < 0.19;
  return isShort || isLong;
}

function bar(x: number, y: number, from: number, to: number): boolean {
  return Math.abs(x) < 0.13 && y >= from && y <= to;
}

function dot(x: number, y: number, at: number): boolean {
  return x * x + (y - at) * (y - at) < 0.14 * 0.14;
}

if (import.meta.main) {
  mkdirSync(OUTPUT, { recursive: true });
  for (const [name, bytes] of trayIcons()) writeFileSync(join(OUTPUT, name), bytes);
}
