import { compareNames, isImageName } from './image-names.ts';
import type { ChosenFile } from './upload-item.ts';
import type { DroppedEntry, Skipped } from './walk-entries.ts';

export interface Chosen {
  readonly files: readonly (ChosenFile & { readonly file: File })[];
  readonly skipped: Skipped;
}

/** Files from a dialog; one for folders names each file's path below the folder. */
export function chosenFiles(files: Iterable<File>): Chosen {
  const all = [...files];
  const images = all.filter(isWanted).map((file) => ({ file, path: pathOf(file) }));
  return {
    files: images.sort((a, b) => compareNames(a.path, b.path)),
    skipped: { notImages: all.length - images.length, unreadable: 0 },
  };
}

/** Whoever names a single file without an extension means it; below a folder such files are anything. */
function isWanted({ name, webkitRelativePath }: File): boolean {
  return isImageName(name) || (!webkitRelativePath && !name.includes('.'));
}

function pathOf({ webkitRelativePath, name }: File): string {
  // Empty for a file that was not chosen with its folder.
  return webkitRelativePath || name;
}

/**
 * What was dropped: entries where folders are among it, else plain files, which the browser hands over much faster. Has to be
 * called while the drop is handled; later the browser has forgotten it.
 */
export function droppedThings(data: DataTransfer): { readonly entries: readonly DroppedEntry[] } | Chosen {
  const entries = [...data.items].flatMap((item) => (item.webkitGetAsEntry() as DroppedEntry | null) ?? []);
  return entries.some((entry) => entry.isDirectory) ? { entries } : chosenFiles(data.files);
}

/** Pictures from the clipboard are all called `image.png`; the time tells them apart. */
export function pastedFiles(files: Iterable<File>, now: number): Chosen {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
  let nameless = 0;
  const named = [...files].map((file) => {
    if (file.name !== 'image.png') return file;
    nameless += 1;
    const name = `pasted-${stamp}${nameless === 1 ? '' : `-${String(nameless)}`}.png`;
    return new File([file], name, { type: file.type });
  });
  return chosenFiles(named);
}
