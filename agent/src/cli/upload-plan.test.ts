import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planUploads, type LocalFile, type Lookup, type PlannedFile } from './upload-plan.ts';

describe('the plan of an upload', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  async function files(...contents: string[]): Promise<readonly LocalFile[]> {
    return Promise.all(
      contents.map(async (content, index) => {
        const file = join(dir, `${String(index)}.png`);
        await writeFile(file, content);
        return { file, sizeBytes: content.length };
      }),
    );
  }

  async function plan(sources: readonly LocalFile[], lookup: Lookup, signal = new AbortController().signal) {
    const planned: PlannedFile[] = [];
    for await (const file of planUploads(sources, lookup, signal)) planned.push(file);
    return planned;
  }

  it('uploads what is new, skips what the fleet has, and takes equal files once', async () => {
    const sources = await files('new', 'known', 'new');
    const asked: string[][] = [];
    const planned = await plan(sources, (hashes) => {
      asked.push([...hashes]);
      return Promise.resolve(hashes.slice(1, 2).map((sha256) => ({ sha256, link: 'http://i/k.png', path: 'k.png' })));
    });
    expect(planned.map(({ kind }) => kind)).toEqual(['upload', 'present', 'twin']);
    expect(planned[1]).toMatchObject({ link: 'http://i/k.png' });
    expect(asked.map((hashes) => hashes.length)).toEqual([2]);
  });

  it('knows equal files across batches', async () => {
    const sources = await files(...Array.from({ length: 40 }, (_unused, index) => String(index % 20)));
    const planned = await plan(sources, () => Promise.resolve([]));
    expect(planned.filter(({ kind }) => kind === 'upload')).toHaveLength(20);
    expect(planned.slice(20).every(({ kind }) => kind === 'twin')).toBe(true);
  });

  it('asks in batches that grow to their limit', async () => {
    const sources = await files(...Array.from({ length: 120 }, (_unused, index) => String(index)));
    const sizes: number[] = [];
    await plan(sources, (hashes) => {
      sizes.push(hashes.length);
      return Promise.resolve([]);
    });
    expect(sizes).toEqual([16, 32, 64, 8]);
  });

  it('tells which file cannot be read and goes on', async () => {
    const sources = [{ file: join(dir, 'gone.png'), sizeBytes: 3 }, ...(await files('a'))];
    const planned = await plan(sources, () => Promise.resolve([]));
    expect(planned[0]).toMatchObject({
      kind: 'unreadable',
      error: { message: expect.stringContaining('ENOENT') as string },
    });
    expect(planned[1]).toMatchObject({ kind: 'upload' });
  });

  it('hands a failed lookup to whoever reads the plan', async () => {
    const failure = new Error('no answer');
    await expect(plan(await files('a'), () => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('plans nothing more once it is stopped', async () => {
    expect(await plan(await files('a'), () => Promise.resolve([]), AbortSignal.abort())).toEqual([]);
  });
});
