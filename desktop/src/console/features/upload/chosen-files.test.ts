import { expect, it } from 'vitest';
import { chosenFiles, droppedThings, pastedFiles } from './chosen-files.ts';

function fileAt(path: string): File {
  const file = new File(['x'], path.slice(path.lastIndexOf('/') + 1));
  return Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' });
}

it('keeps the path below the folder that was chosen, in order, and counts what is no image', () => {
  const { files, skipped } = chosenFiles(['t/10.jpg', 't/2.jpg', 't/notes.txt', 'a.png'].map(fileAt));
  expect(files.map(({ path }) => path)).toEqual(['a.png', 't/2.jpg', 't/10.jpg']);
  expect(skipped).toEqual({ notImages: 1, unreadable: 0 });
});

it('takes single files without an extension, and none of a folder', () => {
  const { files, skipped } = chosenFiles(['photo', 't/LICENSE', 'a..jpg', 'scan.jfif', '._b.jpg'].map(fileAt));
  expect(files.map(({ path }) => path)).toEqual(['a..jpg', 'photo', 'scan.jfif']);
  expect(skipped.notImages).toBe(2);
});

it('gives pictures from the clipboard names that tell them apart', () => {
  const { files } = pastedFiles(
    [new File(['x'], 'image.png'), new File(['x'], 'cat.jpg')],
    Date.UTC(2026, 2, 9, 3, 4, 5),
  );
  expect(files.map(({ path, file }) => [path, file.name])).toEqual([
    ['cat.jpg', 'cat.jpg'],
    ['pasted-2026-03-09T03-04-05.png', 'pasted-2026-03-09T03-04-05.png'],
  ]);
});

it('walks entries only where a folder is among what was dropped', () => {
  const entry = (isDirectory: boolean): object => ({ webkitGetAsEntry: () => ({ isDirectory, isFile: !isDirectory }) });
  const data = (items: readonly object[]): DataTransfer =>
    ({ items, files: [fileAt('a.png')] }) as unknown as DataTransfer;
  expect(droppedThings(data([entry(false)]))).toHaveProperty('files');
  expect(droppedThings(data([entry(false), entry(true)]))).toHaveProperty('entries');
});
