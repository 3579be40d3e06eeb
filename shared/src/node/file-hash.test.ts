import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256OfFile } from './file-hash.ts';

describe('sha256OfFile', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it.each([0, 1, 256 * 1024, 1_000_003])('hashes a file of %i bytes', async (size) => {
    const content = Buffer.alloc(size, 'imagefleet');
    await writeFile(join(dir, 'a'), content);
    expect(await sha256OfFile(join(dir, 'a'))).toBe(createHash('sha256').update(content).digest('hex'));
  });

  it('fails with the code of the system when the file is gone', async () => {
    await expect(sha256OfFile(join(dir, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('stops when it is told to', async () => {
    await writeFile(join(dir, 'a'), Buffer.alloc(1000));
    await expect(sha256OfFile(join(dir, 'a'), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});
