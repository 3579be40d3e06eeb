import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkImages, type WalkEntry } from './folder-walk.ts';

describe('walkImages', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  async function put(...names: string[]): Promise<void> {
    for (const name of names) {
      await mkdir(join(dir, name, '..'), { recursive: true });
      await writeFile(join(dir, name), name);
    }
  }

  async function walk(...roots: string[]): Promise<readonly string[]> {
    const lines: string[] = [];
    for await (const entry of walkImages(roots.length === 0 ? [dir] : roots)) lines.push(describeEntry(entry));
    return lines;
  }

  function describeEntry(entry: WalkEntry): string {
    const name = relative(dir, entry.file).replaceAll('\\', '/');
    return entry.kind === 'file' ? `${name} ${String(entry.sizeBytes)}` : `${entry.reason}: ${name}`;
  }

  it('finds images at any depth, in the same order on every run', async () => {
    await put('b.png', 'a/z.JPG', 'a/子/图.webp', 'a.gif');
    const found = ['a/z.JPG 7', 'a/子/图.webp 14', 'a.gif 5', 'b.png 5'];
    expect(await walk()).toEqual(found);
    expect(await walk()).toEqual(found);
  });

  it('tells what it skips and why, and passes over what file managers leave behind', async () => {
    await put('a.png', 'notes.txt', 'noextension', 'Thumbs.db', '.DS_Store', 'desktop.ini', '.hidden/b.png', '.c.png');
    expect(await walk()).toEqual(['a.png 5', 'notImage: noextension', 'notImage: notes.txt']);
  });

  it('takes a file that was named, whatever its extension', async () => {
    await put('upload.tmp');
    expect(await walk(join(dir, 'upload.tmp'))).toEqual(['upload.tmp 10']);
  });

  it('says that a root does not exist and goes on with the others', async () => {
    await put('a.png');
    expect(await walk(join(dir, 'missing'), dir)).toEqual(['missing: missing', 'a.png 5']);
  });

  it('follows links, but enters no folder twice, so that loops end', async () => {
    await put('album/a.png');
    await symlink(dir, join(dir, 'album', 'loop'));
    await symlink(join(dir, 'album', 'a.png'), join(dir, 'link.png'));
    await symlink(join(dir, 'nowhere'), join(dir, 'broken.png'));
    expect(await walk()).toEqual(['album/a.png 11', 'unreadable: broken.png', 'link.png 11']);
  });

  it('reads the same folder once when it is given twice', async () => {
    await put('a.png');
    expect(await walk(dir, dir)).toEqual(['a.png 5']);
  });

  it('goes on past a folder that may not be read', async () => {
    await put('a/x.png', 'b.png');
    await chmod(join(dir, 'a'), 0o000);
    await chmod(dir, 0o755);
    // Root may read everything, so the walk runs as somebody else then.
    const module = JSON.stringify(join(import.meta.dirname, 'folder-walk.ts'));
    const script = `import { walkImages } from ${module}; for await (const entry of walkImages(['.'])) console.log(JSON.stringify(entry))`;
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const args = ['--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8', ...nobody });
    await chmod(join(dir, 'a'), 0o755);
    const found = stdout.split('\n').filter(Boolean);
    expect(found, stderr).toEqual([
      '{"kind":"skipped","file":"a","reason":"unreadable"}',
      '{"kind":"file","file":"b.png","sizeBytes":5}',
    ]);
  });

  it('stops at a depth that only a mistake has', async () => {
    await put(`${'d/'.repeat(70)}a.png`);
    const found = await walk();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^tooDeep: (d\/)+d$/);
  });
});
