import { IMAGE_EXTENSIONS } from '@imagefleet/shared/common/image/path-rules.ts';

/** Other names of JPEG files; stored, they are called `.jpg`. */
const MORE_EXTENSIONS = ['jpe', 'jfif'];
const EXTENSIONS = [...IMAGE_EXTENSIONS, ...MORE_EXTENSIONS];
const EXTENSION = new RegExp(`.\\.(?:${EXTENSIONS.join('|')})$`, 'i');
/** For the dialog that chooses files. */
export const ACCEPTED = EXTENSIONS.map((extension) => `.${extension}`).join(',');

/** By its name; what the bytes are the server finds out. `._a.jpg` is what macOS writes beside `a.jpg` on foreign disks. */
export function isImageName(name: string): boolean {
  return EXTENSION.test(name) && !name.startsWith('._');
}

const ORDER = new Intl.Collator(undefined, { numeric: true });

/** As people count: 2 before 10. A browser hands a folder over in any order, and the links come out as the files went in. */
export function compareNames(a: string, b: string): number {
  return ORDER.compare(a, b);
}
