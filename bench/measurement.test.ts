import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileTypeFromBuffer } from 'file-type';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { difference } from './copies.ts';
import { generateImages, readImages } from './image-set.ts';
import { jpegImage } from './jpeg-image.ts';
import { measure, median, percentile } from './measurement.ts';
import { startYardstick } from './targets.ts';

describe('the bench', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('measures the yardstick: every image arrives, and time, processor and memory are told', async () => {
    await generateImages(join(dir, 'set'), 20);
    const images = await readImages(join(dir, 'set'));
    const yardstick = await startYardstick(dir);
    try {
      const result = await measure(yardstick, images, 4);
      expect(result).toMatchObject({ uploads: 20, problems: [] });
      expect(result.lastCopySeconds).toBeGreaterThanOrEqual(result.uploadSeconds);
      expect(result.latencyMs.p99).toBeGreaterThanOrEqual(result.latencyMs.p50);
      if (process.platform === 'linux') expect(result.processes[0]?.peakBytes).toBeGreaterThan(10_000_000);
    } finally {
      await yardstick.stop();
    }
  });

  it('tells uploads that failed and copies that are missing or damaged', async () => {
    await generateImages(join(dir, 'set'), 3);
    const images = await readImages(join(dir, 'set'));
    const gone = { file: join(dir, 'gone.png'), sizeBytes: 1, sha256: 'a'.repeat(64) };
    const yardstick = await startYardstick(dir);
    const result = await measure(yardstick, [...images, gone], 2);
    await yardstick.stop();
    expect(result.problems).toEqual([
      expect.stringContaining('gone.png: ENOENT'),
      expect.stringContaining('3 images instead of 4'),
    ]);
    expect(await difference(join(dir, 'set'), images)).toBeUndefined();
    await truncate(images[0]?.file ?? '', 10);
    expect(await difference(join(dir, 'set'), images)).toContain('the bytes differ');
  });

  it('generates the same images on every run, of the types it says, none twice', async () => {
    await generateImages(join(dir, 'a'), 12);
    await generateImages(join(dir, 'b'), 12);
    const [first, second] = [await readImages(join(dir, 'a')), await readImages(join(dir, 'b'))];
    expect(first.map((image) => image.sha256)).toEqual(second.map((image) => image.sha256));
    expect(new Set(first.map((image) => image.sha256)).size).toBe(12);
  });

  it('makes JPEG files of about the size asked for, without a stray marker in their data', async () => {
    for (const sizeBytes of [1000, 60_000]) {
      const image = jpegImage({ random: seededRandom(1), sizeBytes });
      expect((await fileTypeFromBuffer(image))?.mime).toBe('image/jpeg');
      expect(image.length / sizeBytes).toBeGreaterThan(0.8);
      expect(image.length / sizeBytes).toBeLessThan(1.7);
      const scan = image.subarray(image.indexOf(Buffer.from([0xff, 0xda])) + 10, -2);
      expect(scan.every((byte, index) => byte !== 0xff || scan[index + 1] === 0)).toBe(true);
    }
  });

  it('leaves files that are no images out', async () => {
    await writeFile(join(dir, 'notes.txt'), 'x');
    expect(await readImages(dir)).toEqual([]);
  });

  it('takes percentiles by the nearest rank', () => {
    const sorted = Array.from({ length: 100 }, (_unused, index) => index + 1);
    expect([50, 95, 99].map((percent) => percentile(sorted, percent))).toEqual([50, 95, 99]);
    expect(percentile([], 50)).toBe(0);
    expect(median([3, 1, 2])).toBe(2);
  });
});
