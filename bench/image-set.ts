import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pngImage, seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { sha256OfFile } from '@imagefleet/shared/node/file-hash.ts';
import { walkImages } from '@imagefleet/shared/node/folder-walk.ts';
import { jpegImage } from './jpeg-image.ts';

const SEED = 20_140_415;
/** Sizes of photographs on web sites are about log-normal. */
const MEDIAN_BYTES = 40_000;
const SIGMA = 1;
const MIN_BYTES = 1000;
const MAX_BYTES = 8_000_000;

export interface SetImage {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Writes `count` images, the same on every run, half of them JPEG, half PNG, into `folder`. */
export async function generateImages(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = seededRandom(SEED);
  for (let index = 0; index < count; index += 1) {
    const sizeBytes = logNormal(random);
    const isJpeg = index % 2 === 0;
    const image = isJpeg ? jpegImage({ random, sizeBytes }) : pngImage({ seed: SEED + index, sizeBytes });
    await writeFile(join(folder, `image-${String(index)}.${isJpeg ? 'jpg' : 'png'}`), image);
  }
}

/** Every image below `folder`, hashed; that also brings them into the page cache for all runs alike. */
export async function readImages(folder: string): Promise<readonly SetImage[]> {
  const images: SetImage[] = [];
  for await (const entry of walkImages([folder])) {
    if (entry.kind !== 'file' || entry.sizeBytes === 0) continue;
    images.push({ file: entry.file, sizeBytes: entry.sizeBytes, sha256: await sha256OfFile(entry.file) });
  }
  return images;
}

function logNormal(random: () => number): number {
  // Box and Muller, 1958.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const size = Math.round(MEDIAN_BYTES * Math.exp(SIGMA * normal));
  return Math.min(Math.max(size, MIN_BYTES), MAX_BYTES);
}
