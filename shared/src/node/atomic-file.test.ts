import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTemporaryOf, writeFileAtomically } from './atomic-file.ts';

describe('writeFileAtomically', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('writes a new file and replaces an old one, leaving nothing else behind', async () => {
    const file = join(dir, 'state.json');
    await writeFileAtomically(file, 'one');
    await writeFileAtomically(file, Buffer.from('二'));
    expect(await readFile(file, 'utf8')).toBe('二');
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('takes a content in pieces, and keeps the old one when they end with an error', async () => {
    const file = join(dir, 'state.json');
    const pieces = async function* (isBroken: boolean): AsyncGenerator<string | Uint8Array> {
      await Promise.resolve();
      yield 'one';
      if (isBroken) throw new Error('no more');
      yield Buffer.from('二');
    };
    await writeFileAtomically(file, pieces(false));
    await expect(writeFileAtomically(file, pieces(true))).rejects.toThrow('no more');
    expect(await readFile(file, 'utf8')).toBe('one二');
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('changes the name, never the old file: who has it open reads the old content to its end', async () => {
    const file = join(dir, 'state.json');
    await writeFileAtomically(file, 'old');
    const before = await stat(file);
    await writeFileAtomically(file, 'new');
    expect((await stat(file)).ino).not.toBe(before.ino);
  });

  it.skipIf(process.platform === 'win32')('keeps secrets readable by their owner alone', async () => {
    const file = join(dir, 'fleet.json');
    await writeFile(file, 'readable by all', { mode: 0o644 });
    await writeFileAtomically(file, 'secret', { mode: 0o600 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.platform === 'win32')('leaves access as it is where that is asked for', async () => {
    const file = join(dir, 'status.xml');
    await writeFile(file, 'old');
    await chmod(file, 0o664);
    await writeFileAtomically(file, 'new', { keepsAccess: true });
    expect((await stat(file)).mode & 0o777).toBe(0o664);
    const fresh = join(dir, 'fresh.xml');
    await writeFileAtomically(fresh, 'new', { keepsAccess: true, mode: 0o640 });
    expect((await stat(fresh)).mode & 0o777).toBe(0o640);
  });

  it('replaces whole also when it need not last', async () => {
    const file = join(dir, 'lease');
    await writeFileAtomically(file, 'one', { isDurable: false });
    await writeFileAtomically(file, 'two', { isDurable: false });
    expect(await readFile(file, 'utf8')).toBe('two');
    expect(await readdir(dir)).toEqual(['lease']);
  });

  it('leaves the target and no temporary file when it cannot replace it', async () => {
    const file = join(dir, 'state.json');
    await mkdir(join(file, 'is a folder'), { recursive: true });
    await expect(writeFileAtomically(file, 'new')).rejects.toMatchObject({ syscall: 'rename' });
    expect(await readdir(dir)).toEqual(['state.json']);
  });

  it('says so when the folder does not exist', async () => {
    await expect(writeFileAtomically(join(dir, 'no', 'such'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('knows the temporary files of a name, and takes no other file for one', () => {
  expect(isTemporaryOf('a.xml', 'a.xml.0a1b2c3d.tmp')).toBe(true);
  const others = ['a.xml', 'a.xml.tmp', 'a.xml.0a1b2c3.tmp', 'a.xml.0a1b2c3dd.tmp', 'a.xml.lease.0a1b2c3d.tmp'];
  expect(
    [...others, 'b.xml.0a1b2c3d.tmp', 'aaxml.0a1b2c3d.tmp'].filter((name) => isTemporaryOf('a.xml', name)),
  ).toEqual([]);
});
