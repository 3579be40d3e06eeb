import { expect, it } from 'vitest';
import { walkEntries, type DroppedEntry, type FolderEntry } from './walk-entries.ts';
import type { ChosenFile } from './upload-item.ts';

function file(name: string): DroppedEntry {
  return { isFile: true, isDirectory: false, name, file: (resolve) => resolve(new File(['x'], name)) };
}

/** Gives its entries in parts, as browsers do. */
function folder(name: string, entries: readonly DroppedEntry[], part = 2): FolderEntry {
  return {
    ...{ isFile: false, isDirectory: true, name },
    createReader: () => {
      let at = 0;
      return {
        readEntries: (resolve) => {
          resolve(entries.slice(at, at + part));
          at += part;
        },
      };
    },
  };
}

async function walked(entries: readonly DroppedEntry[]) {
  const parts: (readonly ChosenFile[])[] = [];
  const onFound = (files: readonly ChosenFile[]): void => void parts.push(files);
  const skipped = await walkEntries(entries, { onFound, signal: new AbortController().signal });
  return { paths: parts.flat().map(({ path }) => path), parts: parts.length, skipped };
}

it('finds every image below a folder, with its path', async () => {
  const tree = folder('旅行', [
    file('a.jpg'),
    folder('day 1', [file('b.PNG'), file('c.webp'), file('d.gif'), folder('raw', [file('e.tiff')])]),
    file('f.jpeg'),
  ]);
  const { paths } = await walked([tree, file('g.png')]);
  expect([...paths].sort()).toEqual(
    [
      'g.png',
      '旅行/a.jpg',
      '旅行/day 1/b.PNG',
      '旅行/day 1/c.webp',
      '旅行/day 1/d.gif',
      '旅行/day 1/raw/e.tiff',
      '旅行/f.jpeg',
    ].sort(),
  );
});

it('counts what is no image instead of failing it', async () => {
  const { paths, skipped } = await walked([
    folder('site', [
      file('a.jpg'),
      file('.DS_Store'),
      file('Thumbs.db'),
      file('._a.jpg'),
      file('readme.txt'),
      file('.png'),
    ]),
  ]);
  expect(paths).toEqual(['site/a.jpg']);
  expect(skipped).toEqual({ notImages: 5, unreadable: 0 });
});

it('opens none of the files it finds, which would take long', async () => {
  const found: ChosenFile[] = [];
  const unopened: DroppedEntry = { ...file('a.png'), isFile: true, isDirectory: false, file: () => expect.fail() };
  const onFound = (files: readonly ChosenFile[]): void => void found.push(...files);
  await walkEntries([folder('many', [unopened])], { onFound, signal: new AbortController().signal });
  expect(found).toHaveLength(1);
});

it('brings them in the order in which people count', async () => {
  const { paths } = await walked([
    folder('b', [file('10.png'), file('2.png'), file('1.png')], 1),
    folder('a', [file('x.png')]),
  ]);
  expect(paths).toEqual(['a/x.png', 'b/1.png', 'b/2.png', 'b/10.png']);
});

it('goes on where something cannot be read, and counts it', async () => {
  const lockedFolder: FolderEntry = {
    ...{ isFile: false, isDirectory: true, name: 'locked' },
    createReader: () => ({ readEntries: (_resolve, reject) => reject(new Error('NotReadableError')) }),
  };
  const { paths, skipped } = await walked([lockedFolder, file('a.png')]);
  expect(paths).toEqual(['a.png']);
  expect(skipped).toEqual({ notImages: 0, unreadable: 1 });
});

it('does not follow a folder that contains itself for ever', async () => {
  const circle: DroppedEntry[] = [];
  const self = folder('self', circle);
  circle.push(self);
  expect((await walked([self])).skipped.unreadable).toBe(1);
});

it('ends in the middle when it is told to', async () => {
  const end = new AbortController();
  const paths: string[] = [];
  const onFound = (files: readonly ChosenFile[]): void => {
    paths.push(...files.map(({ path }) => path));
    end.abort();
  };
  const unread: FolderEntry = { ...folder('inner', []), createReader: () => expect.fail() };
  // A folder beside it is read ahead; what is below is not begun, and nothing more is handed on.
  const entries = [folder('a', [file('1.png'), unread]), folder('b', [file('2.png'), unread])];
  await walkEntries(entries, { onFound, signal: end.signal });
  expect(paths).toEqual(['a/1.png']);
});

it('reads a few folders at a time, and hands on their images in order', async () => {
  let [atOnce, most] = [0, 0];
  const slow = (name: string, waitMs: number): FolderEntry => ({
    ...folder(name, []),
    createReader: () => {
      let isRead = false;
      return {
        readEntries: (resolve) => {
          if (isRead) return resolve([]);
          isRead = true;
          atOnce += 1;
          most = Math.max(most, atOnce);
          setTimeout(() => {
            atOnce -= 1;
            resolve([file(`${name}.png`)]);
          }, waitMs);
        },
      };
    },
  });
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const { paths } = await walked(names.map((name, index) => slow(name, index % 2 === 0 ? 20 : 1)));
  expect(paths).toEqual(names.map((name) => `${name}/${name}.png`));
  expect(most).toBe(4);
});
