import { IMAGE_EXTENSIONS } from '@imagefleet/shared/common/image/path-rules.ts';

const EXTENSION = new RegExp(`[^.]\\.(?:${IMAGE_EXTENSIONS.join('|')})$`, 'i');
/** For the dialog that chooses files. */
export const ACCEPTED = IMAGE_EXTENSIONS.map((extension) => `.${extension}`).join(',');

/** By its name; what the bytes are the server finds out. `._a.jpg` is what macOS writes beside `a.jpg` on foreign disks. */
export function isImageName(name: string): boolean {
  return EXTENSION.test(name) && !name.startsWith('._');
}
