import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { scanFolders } from './scan-folders.ts';
import { SCAN_BATCH, type ScanBatch } from './scan-output.ts';
import type { ScanRules } from './scan-filter.ts';

/** A folder called `root`, with files that hold their own name. */
function tree(...names: readonly string[]): string {
  const root = join(tempFolder(), 'root');
  mkdirSync(root);
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
  return root;
}

async function batchesOf(roots: readonly string[], rules: ScanRules = {}): Promise<readonly ScanBatch[]> {
  const batches: ScanBatch[] = [];
  for await (const batch of scanFolders(roots, { rules, signal: new AbortController().signal })) batches.push(batch);
  return batches;
}

/** Found files as their path, others with their reason. */
async function scan(roots: readonly string[], rules: ScanRules = {}): Promise<readonly string[]> {
  const batches = await batchesOf(roots, rules);
  return [
    ...batches.flatMap(({ found }) => found.map(({ path }) => path)),
    ...batches.flatMap(({ passedOver }) => passedOver.map(({ path, reason }) => `${reason}: ${path}`)),
  ];
}

describe('found files', () => {
  it('carry what tells one content from another', async () => {
    const root = tree('a/图.png');
    const [batch] = await batchesOf([root]);
    expect(batch?.found).toEqual([
      {
        file: join(root, 'a', '图.png'),
        path: 'root/a/图.png',
        sizeBytes: 9,
        mtimeMs: expect.any(Number) as number,
        inode: expect.any(Number) as number,
      },
    ]);
  });

  it('come in the same order on every run: those of a folder, then those of the folders in it', async () => {
    const root = tree('b.png', 'a/z.JPG', 'a/deep/y.png', 'a-b/x.png', 'B.png', 'c.gif');
    const order = ['root/B.png', 'root/b.png', 'root/c.gif', 'root/a/z.JPG', 'root/a/deep/y.png', 'root/a-b/x.png'];
    expect(await scan([root])).toEqual(order);
    expect(await scan([root])).toEqual(order);
  });

  it('are a named file whatever it is called, and those of every root', async () => {
    const root = tree('upload.tmp', 'a/x.png');
    expect(await scan([join(root, 'upload.tmp'), join(root, 'a')])).toEqual(['upload.tmp', 'a/x.png']);
  });

  it('come in batches that are small enough to be added at once', async () => {
    const names = Array.from({ length: SCAN_BATCH + 20 }, (_unused, index) => String(index));
    const root = tree(...names.map((name) => `${name}.png`), ...names.map((name) => `${name}.txt`), 'b/last.png');
    const batches = await batchesOf([root]);
    for (const { found, passedOver } of batches) {
      expect(Math.max(found.length, passedOver.length)).toBeLessThanOrEqual(SCAN_BATCH);
    }
    expect(batches.flatMap(({ found }) => found)).toHaveLength(names.length + 1);
    expect(batches.flatMap(({ passedOver }) => passedOver)).toHaveLength(names.length);
  });
});

describe('what is passed over', () => {
  it('is told with its reason; what is hidden, in silence', async () => {
    const root = tree('a.png', 'notes.txt', 'Thumbs.db', '.hidden/b.png', '.c.png', 'drafts/d.png', 'e.draft.png');
    spawnSync('mkfifo', [join(root, 'pipe.png')]);
    const missing = join(root, 'missing');
    expect(await scan([missing, root], { exclude: ['drafts', '*.draft.*'] })).toEqual([
      'root/a.png',
      'vanished: missing',
      'excluded: root/e.draft.png',
      'notImage: root/notes.txt',
      'notFile: root/pipe.png',
      'excluded: root/drafts',
    ]);
  });

  it('is a folder that may not be read, and the others go on', async () => {
    const root = tree('a/x.png', 'b.png');
    await chmod(join(root, 'a'), 0o000);
    chmodSync(dirname(root), 0o755);
    // Root may read everything, so the scan runs as somebody else then.
    const module = JSON.stringify(join(import.meta.dirname, 'scan-folders.ts'));
    const script = `import { scanFolders } from ${module};
      for await (const { found, passedOver } of scanFolders(['.'], { signal: new AbortController().signal }))
        console.log(JSON.stringify([found.map(({ path }) => path), passedOver.map(({ path, reason }) => [path, reason])]));`;
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const args = ['--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', ...nobody });
    await chmod(join(root, 'a'), 0o755);
    expect(stdout, stderr).toBe('[["root/b.png"],[["root/a","unreadable"]]]\n');
  });

  it('is a name that is no Unicode, which Node cannot reach by a string', async () => {
    const root = tree('a.png', '\uFFFD.png');
    const before = Buffer.from(`${root}/`);
    writeFileSync(Buffer.concat([before, Buffer.from([0xe9]), Buffer.from('t\u00e9.png')]), 'x');
    mkdirSync(Buffer.concat([before, Buffer.from([0xff])]));
    expect(await scan([root])).toEqual([
      'root/a.png',
      // The character by which Node shows such bytes is a good name by itself.
      'root/\uFFFD.png',
      'badName: root/\uFFFDt\u00e9.png',
      'badName: root/\uFFFD',
    ]);
  });

  it('is what lies so deep that only a mistake put it there', async () => {
    const root = tree(`${'d/'.repeat(64)}a.png`, `${'d/'.repeat(65)}b.png`);
    expect(await scan([root])).toEqual([`root/${'d/'.repeat(64)}a.png`, `tooDeep: root/${'d/'.repeat(64)}d`]);
  });
});

describe('links', () => {
  it('are followed, to files and to folders of any name', async () => {
    const outside = tree('x.png', 'notes.txt');
    const root = tree('a.png');
    symlinkSync(outside, join(root, 'album'));
    symlinkSync(join(outside, 'x.png'), join(root, 'link.png'));
    symlinkSync(join(outside, 'notes.txt'), join(root, 'notes'));
    expect(await scan([root])).toEqual([
      'root/a.png',
      'root/link.png',
      'root/album/x.png',
      'notImage: root/notes',
      'notImage: root/album/notes.txt',
    ]);
  });

  it('that lead back up, to themselves, to nothing or to what was entered are told', async () => {
    const root = tree('album/a.png', 'b/x.png');
    symlinkSync(root, join(root, 'album', 'up'));
    symlinkSync('self.png', join(root, 'self.png'));
    symlinkSync(join(root, 'nowhere'), join(root, 'broken.png'));
    symlinkSync(join(root, 'album'), join(root, 'b', 'again'));
    expect(await scan([root])).toEqual([
      'root/album/a.png',
      'root/b/x.png',
      'vanished: root/broken.png',
      'loop: root/self.png',
      'loop: root/album/up',
      'entered: root/b/again',
    ]);
  });

  it('to a folder that a rule excludes are not entered', async () => {
    const root = tree('a.png');
    symlinkSync(tree('x.png'), join(root, 'drafts'));
    expect(await scan([root], { exclude: ['drafts'] })).toEqual(['root/a.png', 'excluded: root/drafts']);
  });
});

it('a root within another one is entered once', async () => {
  const root = tree('a/x.png');
  expect(await scan([root, join(root, 'a')])).toEqual(['root/a/x.png', 'entered: a']);
});

describe('a scan', () => {
  it('goes on past what vanishes meanwhile', async () => {
    const names = Array.from({ length: SCAN_BATCH + 1 }, (_unused, index) => `${String(1000 + index)}.png`);
    const root = tree(...names, 'later/x.png');
    const seen: ScanBatch[] = [];
    for await (const batch of scanFolders([root], { signal: new AbortController().signal })) {
      rmSync(root, { recursive: true, force: true });
      seen.push(batch);
    }
    expect(seen.flatMap(({ found }) => found)).toHaveLength(SCAN_BATCH);
    expect(seen.flatMap(({ passedOver }) => passedOver.map(({ path, reason }) => `${reason}: ${path}`))).toEqual([
      `vanished: root/${names.at(-1) ?? ''}`,
      'vanished: root/later',
    ]);
  });

  it('ends when it is aborted, with the reason of that', async () => {
    const root = tree(...Array.from({ length: 2 * SCAN_BATCH }, (_unused, index) => `${String(index)}.png`));
    const controller = new AbortController();
    const reason = new Error('enough');
    let batches = 0;
    const run = async (): Promise<void> => {
      for await (const _batch of scanFolders([root], { signal: controller.signal })) {
        batches += 1;
        controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(batches).toBe(1);
  });
});
