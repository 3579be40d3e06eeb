import { join } from 'node:path';
import { expect, it } from 'vitest';
import { consoleFolder } from './console-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');

it('is where the repository builds the console, for sources that run as they are', () => {
  expect(consoleFolder()).toBe(join(ROOT, 'dist/console'));
});

it('is beside the program that was bundled into one file', () => {
  expect(consoleFolder(join(ROOT, 'imagefleet.mjs'))).toBe(join(ROOT, 'console'));
});
