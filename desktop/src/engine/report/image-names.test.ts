import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { SHA } from '#engine/testing/queue-builders.ts';
import { ImageNames } from './image-names.ts';

const NAMES = 4000;
const PATH_LENGTH = 10_000;

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

it('keeps nothing of the paths whose names it knows', () => {
  const names = new ImageNames(NAMES);
  const before = heapBytes();
  for (let index = 0; index < NAMES; index += 1) {
    const file = Buffer.from(`/${'x'.repeat(PATH_LENGTH)}/a-name-of-some-length-${String(index)}.png`).toString(
      'latin1',
    );
    names.add({ file, sha256: SHA });
  }
  expect(heapBytes() - before).toBeLessThan((NAMES * PATH_LENGTH) / 4);
  expect(names.hasOther({ file: '/elsewhere/a-name-of-some-length-7.png', sha256: 'cd'.repeat(32) })).toBe(true);
});
