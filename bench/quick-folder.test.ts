import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeQuickFolder } from './quick-folder.ts';

it('makes one empty folder, each time it is asked', () => {
  const work = mkdtempSync(join(tmpdir(), 'imagefleet-quick-'));
  onTestFinished(() => {
    rmSync(work, { recursive: true });
  });
  const first = makeQuickFolder(work);
  expect(readdirSync(first)).toEqual([]);
  rmSync(first, { recursive: true });
  makeQuickFolder(work);
  expect(readdirSync(work)).toHaveLength(1);
});
