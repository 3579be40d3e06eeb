/**
 * The rules for image paths, the same on every platform, so that a path taken on one server is a path on all of them:
 * what Windows, macOS or a proxy would change, cut or interpret is refused, never repaired.
 */

/** Extensions that a path may end in; lower-case, without the dot. */
export const IMAGE_EXTENSIONS = [
  'jpg',
  'jpeg',
  'png',
  'gif',
  'webp',
  'bmp',
  'avif',
  'heic',
  'heif',
  'tif',
  'tiff',
  'ico',
  'svg',
] as const;

const MAX_SEGMENT_BYTES = 200;
const MAX_PATH_BYTES = 1000;
/** Decoding a name shortens it, so this many rounds only ever occur in a name made to deceive. */
const MAX_ENCODING_DEPTH = 5;

/** First segments that belong to the program itself; compared in lower case. */
const RESERVED = new Set(['api', 'peer', '.m', 'console', 'health', 'metrics', 'do.ashx']);
/**
 * Controls (C0, DEL, C1), line and paragraph separators, and everything that is not seen: bidi and zero-width characters,
 * fillers, variation selectors. Two names that look the same must be the same; noncharacters are no text at all.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** Characters that Windows forbids in names; `:` also opens an alternate data stream of NTFS. */
const FORBIDDEN = /[:\\*?"<>|]/;
/** "Naming Files, Paths, and Namespaces", Microsoft: devices keep their meaning with any extension, and superscript digits count. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)/i;
/** Short names (8.3) that NTFS and FAT make for longer ones: `IMAGEF~1` would lead into `.imagefleet`. */
const SHORT_NAME = /^(?=[^.]{1,8}(?:\.|$))[^.]*~[0-9]+(?:\.[^.]{0,3})?$/;
const EDGE_SPACE = /^\p{Zs}|\p{Zs}$/u;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const EXTENSION = new RegExp(`[^.]\\.(?:${IMAGE_EXTENSIONS.join('|')})$`, 'i');
/** Plain paths as the program itself makes them skip the rules one by one: this is asked for each request. */
const GENERATED = /^[0-9]{4}\/[0-9]{1,2}\/[0-9]{1,2}\/[0-9a-f-]{36}\.(?:jpg|png|gif|webp|bmp|avif|heic|tif|ico|svg)$/;

/** The sentence about the first rule that the decoded path breaks; undefined when it breaks none. */
export function brokenPathRule(path: string): string | undefined {
  if (GENERATED.test(path)) return undefined;
  if (path === '') return 'the path is empty';
  if (path.length > MAX_PATH_BYTES || utf8Length(path) > MAX_PATH_BYTES) {
    return `the path is longer than ${String(MAX_PATH_BYTES)} bytes`;
  }
  if (!path.isWellFormed()) return 'the path is not valid Unicode';
  if (path.normalize('NFC') !== path) return `the path is not in Unicode's composed form (NFC): ${quoted(path)}`;
  const segments = path.split('/');
  for (const segment of segments) {
    const rule = brokenSegmentRule(segment) ?? brokenEncodingRule(segment);
    if (rule !== undefined) return `the segment ${quoted(segment)} ${rule}`;
  }
  const first = segments[0] ?? '';
  if (RESERVED.has(first.toLowerCase())) return `the first segment ${quoted(first)} is reserved for the program`;
  if (first.startsWith('.')) return `the first segment ${quoted(first)} begins with a dot, which is reserved`;
  const last = segments.at(-1) ?? '';
  if (!EXTENSION.test(last)) {
    return `the segment ${quoted(last)} has no image extension (${IMAGE_EXTENSIONS.join(', ')})`;
  }
  return undefined;
}

function brokenSegmentRule(segment: string): string | undefined {
  if (segment === '') return 'is empty';
  if (segment === '.' || segment === '..') return 'is a dot segment';
  if (UNSEEN.test(segment)) return 'has a control or invisible character';
  const forbidden = FORBIDDEN.exec(segment);
  if (forbidden !== null) return `has the forbidden character ${forbidden[0]}`;
  if (EDGE_SPACE.test(segment)) return 'begins or ends with a space';
  if (segment.endsWith('.')) return 'ends with a dot';
  if (DEVICE.test(segment)) return 'is the name of a device on Windows';
  if (SHORT_NAME.test(segment)) return 'has the form of a short name on Windows';
  if (utf8Length(segment) > MAX_SEGMENT_BYTES) return `is longer than ${String(MAX_SEGMENT_BYTES)} bytes`;
  return undefined;
}

/**
 * A name may contain a percent sign, even one that looks like an escape (`a%20b.jpg`), but not one that a proxy or an old
 * client which decodes once more would turn into something forbidden (`%2e%2e`, `%2f`, `%252e%252e`).
 */
function brokenEncodingRule(segment: string): string | undefined {
  let text = segment;
  for (let depth = 0; depth < MAX_ENCODING_DEPTH; depth += 1) {
    const decoded = decodeEscapes(text);
    if (decoded === text) return undefined;
    if (decoded === undefined) return 'hides bytes that are not valid UTF-8 behind a percent escape';
    if (decoded.includes('/')) return 'hides a slash behind a percent escape';
    const rule = brokenSegmentRule(decoded);
    if (rule !== undefined) return `${rule}, hidden behind a percent escape`;
    text = decoded;
  }
  return 'is percent-encoded too many times';
}

/** Decodes the escapes and leaves other percent signs alone; undefined when they are not UTF-8 (overlong, cut short). */
function decodeEscapes(text: string): string | undefined {
  try {
    return text.replace(ESCAPES, (run) => decodeURIComponent(run));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** For messages: shortened, and with what cannot be seen spelled out, so that a name cannot forge the sentence it stands in. */
export function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
  const spelled = Array.from(shown, (character) => {
    if (!UNSEEN.test(character) && character.isWellFormed()) return character;
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${spelled.join('')}"`;
}

/** Bytes in UTF-8, without TextEncoder, which not every runtime of this folder has. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is four bytes in two units, so each half adds one like a character of two bytes does.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}
