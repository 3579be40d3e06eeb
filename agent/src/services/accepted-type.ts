import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StagedImage } from '#store/image-store.ts';

export type ImageType = NonNullable<StagedImage['type']>;

const SVG = 'image/svg+xml';

/** Extensions that people use for one type; a named image may carry any of its type's. */
const EXTENSIONS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/tiff': ['tif', 'tiff'],
  'image/heic': ['heic', 'heif', 'hif'],
  'image/heif': ['heic', 'heif', 'hif'],
  'image/apng': ['png', 'apng'],
};

/** The type of staged bytes when this server takes it. Throws NOT_AN_IMAGE or SVG_REFUSED. */
export function acceptedType(staged: StagedImage, policy: { readonly svg: boolean }): ImageType {
  if (staged.type === undefined) throw new FleetError('NOT_AN_IMAGE', 'The bytes are no image that this server knows.');
  if (staged.type.mediaType === SVG && !policy.svg) {
    throw new FleetError('SVG_REFUSED', 'The file is an SVG, which this server does not take.');
  }
  return staged.type;
}

/** Throws NOT_AN_IMAGE when a path ends in an extension that does not go with the bytes: browsers and nginx believe the name. */
export function assertExtensionFits(path: string, type: ImageType): void {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const fitting = EXTENSIONS_OF_TYPE[type.mediaType] ?? [type.extension];
  if (extension === type.extension || fitting.includes(extension)) return;
  throw new FleetError(
    'NOT_AN_IMAGE',
    `The path ends in .${extension}, but the bytes are ${type.mediaType}; that goes with .${fitting.join(' or .')}.`,
    { hint: 'Send the bytes under a path with the right extension.' },
  );
}
