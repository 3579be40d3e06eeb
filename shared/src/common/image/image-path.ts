import { withoutSlash } from '../address/without-slash.ts';
import { FleetError } from '../errors/fleet-error.ts';
import { localDay } from '../time/local-day.ts';
import { brokenPathRule, IMAGE_EXTENSIONS, quoted } from './path-rules.ts';

/** A path that passed `parseImagePath`: NFC, forward slashes, no leading slash, safe on every platform's file system. */
export type ImagePath = string & { readonly __imagePath: unique symbol };

/** Form of a generated name without its extension: yyyy/M/d/<uuid>, months and days without zero padding. */
export type ImageId = string & { readonly __imageId: unique symbol };

/** RFC 9562: versions 1 to 8, variant 10. Lower case only, because ids are compared as text. */
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const DATE = '([1-9][0-9]{3})/([1-9]|1[0-2])/([1-9]|[12][0-9]|3[01])';
const ID_PATTERN = new RegExp(`^${DATE}/${UUID}$`);
const GENERATED_PATTERN = new RegExp(`^(${DATE}/${UUID})\\.(?:${IMAGE_EXTENSIONS.join('|')})$`);

/** Checks a decoded path. Throws PATH_INVALID with a sentence that names the rule. */
export function parseImagePath(raw: string): ImagePath {
  const rule = brokenPathRule(raw);
  if (rule !== undefined) throw new FleetError('PATH_INVALID', `Not a path for an image: ${rule}.`);
  return raw as ImagePath;
}

/** Checks a percent-encoded URL path (with its leading slash); decodes exactly once. Throws PATH_INVALID. */
export function parseUrlPath(encoded: string): ImagePath {
  const path = encoded.startsWith('/') ? encoded.slice(1) : encoded;
  if (/%2f/i.test(path)) {
    // Decoding would make it a separator, and servers in front of us disagree about whether it is one.
    throw new FleetError('PATH_INVALID', `Not a path for an image: an encoded slash (%2F) in ${quoted(encoded)}.`);
  }
  if (/[^\x21-\x7e]/.test(path)) {
    throw new FleetError('PATH_INVALID', `Not a path for an image: ${quoted(encoded)} is not percent-encoded.`);
  }
  return parseImagePath(decodeOnce(path));
}

function decodeOnce(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    const message = `Not a path for an image: ${quoted(path)} is not percent-encoded UTF-8.`;
    throw new FleetError('PATH_INVALID', message, { cause: error });
  }
}

/**
 * The form in which two paths are the same file on a case-insensitive file system. Lower, upper and lower again, so that
 * it is stable (folding twice changes nothing) and independent of the locale: `ẞ`, `ß` and `SS` become `ss`, the long `ſ`
 * an `s`, `ı` an `i`, and `İ` an `i` with a dot above. File systems differ on such letters; equating more of them only
 * refuses a name that would have collided somewhere.
 */
export function foldPath(path: ImagePath): string {
  return path.toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/** Checks an id from a client. Throws ID_INVALID. */
export function parseImageId(raw: string): ImageId {
  const match = ID_PATTERN.exec(raw);
  if (match === null) throw new FleetError('ID_INVALID', `${quoted(raw)} is not of the form yyyy/M/d/<uuid>.`);
  if (!isCalendarDate(match[1], match[2], match[3])) {
    throw new FleetError('ID_INVALID', `${quoted(raw)} begins with a day that no calendar has.`);
  }
  return raw as ImageId;
}

/** The id of a path with a generated name, or undefined for a named image. */
export function idOfPath(path: string): ImageId | undefined {
  const match = GENERATED_PATTERN.exec(path);
  if (match === null || !isCalendarDate(match[2], match[3], match[4])) return undefined;
  return match[1] as ImageId;
}

function isCalendarDate(year: string | undefined, month: string | undefined, day: string | undefined): boolean {
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= lastDay;
}

/** A new id for an image accepted at `now` in `timeZone` (IANA name; undefined: the server's own). */
export function newImageId(options: {
  readonly nowMs: number;
  readonly timeZone?: string | undefined;
  readonly uuid: string;
}): ImageId {
  const { year, month, day } = localDay(options.nowMs, options.timeZone);
  return `${year}/${month}/${day}/${options.uuid}` as ImageId;
}

/** The link of an image: `publicUrl` without a trailing slash, then the path with each segment percent-encoded. */
export function linkOf(publicUrl: string, path: string): string {
  return `${withoutSlash(publicUrl)}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
