import { FleetError } from '../errors/fleet-error.ts';

/** A path that passed `parseImagePath`: NFC, forward slashes, no leading slash, safe on every platform's file system. */
export type ImagePath = string & { readonly __imagePath: unique symbol };

/** Form of a generated name without its extension: yyyy/M/d/<uuid>, months and days without zero padding. */
export type ImageId = string & { readonly __imageId: unique symbol };

/** Checks a decoded path. Throws PATH_INVALID with a sentence that names the rule. */
export function parseImagePath(raw: string): ImagePath {
  throw new FleetError('PATH_INVALID', `not implemented: ${raw}`);
}

/** Checks a percent-encoded URL path (with its leading slash); decodes exactly once. Throws PATH_INVALID. */
export function parseUrlPath(encoded: string): ImagePath {
  return parseImagePath(encoded);
}

/** The form in which two paths are the same file on a case-insensitive file system. */
export function foldPath(path: ImagePath): string {
  return path.normalize('NFC').toLowerCase();
}

/** Checks an id from a client. Throws ID_INVALID. */
export function parseImageId(raw: string): ImageId {
  throw new FleetError('ID_INVALID', `not implemented: ${raw}`);
}

/** The id of a path with a generated name, or undefined for a named image. */
export function idOfPath(path: string): ImageId | undefined {
  throw new Error(`not implemented: ${path}`);
}

/** A new id for an image accepted at `now` in `timeZone` (IANA name; undefined: the server's own). */
export function newImageId(options: {
  readonly nowMs: number;
  readonly timeZone?: string | undefined;
  readonly uuid: string;
}): ImageId {
  throw new Error(`not implemented: ${options.uuid}`);
}

/** The link of an image: `publicUrl` without a trailing slash, then the path with each segment percent-encoded. */
export function linkOf(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
