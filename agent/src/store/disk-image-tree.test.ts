import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { DiskImageTree } from './disk-image-tree.ts';
import { tempFolder } from './testing/temp-folder.ts';

async function treeOf(files: Readonly<Record<string, string>>) {
  const root = await tempFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return { root, tree: new DiskImageTree(root) };
}

it('walks every file of every folder, and passes over names that begin with a dot', async () => {
  const { tree } = await treeOf({
    'a.png': '',
    '2026/1/2/b.png': '',
    '2026/1/3/c.png': '',
    '.id': '',
    '.own/d.png': '',
  });
  const paths: string[] = [];
  for await (const path of tree.walk()) paths.push(path);
  expect(paths.sort()).toEqual(['2026/1/2/b.png', '2026/1/3/c.png', 'a.png']);
});

it('says what lies at a path, and that nothing does, in the order asked', async () => {
  const { root, tree } = await treeOf({ 'a/1.png': 'four', 'a/2.png': '' });
  await utimes(join(root, 'a/1.png'), 1000, 1000);
  const found = await tree.look(['a/none.png', 'a/1.png', 'a', 'a/1.png/x', 'a/2.png']);
  expect(found).toEqual([
    undefined,
    { sizeBytes: 4, modifiedAt: 1_000_000 },
    undefined,
    undefined,
    expect.objectContaining({ sizeBytes: 0 }),
  ]);
});

it('finds nothing in a folder that is not there', async () => {
  const { root } = await treeOf({});
  for await (const path of new DiskImageTree(join(root, 'none')).walk()) expect(path).toBeUndefined();
});
