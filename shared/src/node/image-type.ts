import { fileTypeFromBuffer } from 'file-type';

export interface SniffedType {
  readonly mediaType: string;
  readonly extension: string;
}

/** As many bytes of the start as `sniffImageType` wants to see, or the whole file when it is shorter. */
export const HEAD_BYTES = 4100;

/** file-type's media type -> ours, for the images this product takes. Everything else it knows is no image here. */
const IMAGE_TYPES: ReadonlyMap<string, SniffedType> = new Map(
  [
    ['image/jpeg', 'image/jpeg', 'jpg'],
    ['image/png', 'image/png', 'png'],
    // An animated PNG is a PNG to every program that does not know the animation.
    ['image/apng', 'image/png', 'png'],
    ['image/gif', 'image/gif', 'gif'],
    ['image/webp', 'image/webp', 'webp'],
    ['image/bmp', 'image/bmp', 'bmp'],
    ['image/avif', 'image/avif', 'avif'],
    ['image/heic', 'image/heic', 'heic'],
    ['image/heic-sequence', 'image/heic-sequence', 'heic'],
    ['image/heif', 'image/heif', 'heif'],
    ['image/heif-sequence', 'image/heif-sequence', 'heif'],
    ['image/tiff', 'image/tiff', 'tif'],
    ['image/x-icon', 'image/x-icon', 'ico'],
  ].map(([theirs = '', mediaType = '', extension = '']) => [theirs, { mediaType, extension }]),
);

const SVG: SniffedType = { mediaType: 'image/svg+xml', extension: 'svg' };

/** Media types that a server takes, by its setting `limits.svg`. */
export function acceptedMediaTypes({ svg }: { readonly svg: boolean }): readonly string[] {
  const types = new Set([...IMAGE_TYPES.values()].map(({ mediaType }) => mediaType));
  return [...types, ...(svg ? [SVG.mediaType] : [])];
}

/** Sizes of the header that follows the file header of a BMP, by the versions of the format. */
const BMP_HEADER_BYTES: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/**
 * Signatures of the formats that nearly every upload has (WHATWG, MIME Sniffing, section 6.1; the first chunk of a PNG is
 * IHDR by ISO 15948). file-type knows them too, and a hundred more: each image cost it 60 KB of garbage, a quarter of all
 * that an agent left to its collector.
 */
const COMMON_TYPES: readonly (readonly [signature: string, type: SniffedType])[] = [
  ['\xff\xd8\xff', { mediaType: 'image/jpeg', extension: 'jpg' }],
  ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', { mediaType: 'image/png', extension: 'png' }],
];

/** The type of an image from its first bytes; undefined for everything that is no image. */
export async function sniffImageType(head: Buffer): Promise<SniffedType | undefined> {
  const start = head.toString('latin1', 0, 16);
  for (const [signature, type] of COMMON_TYPES) if (start.startsWith(signature)) return type;
  const sniffed = await fileTypeFromBuffer(head);
  const type = sniffed === undefined ? largeTiff(head) : IMAGE_TYPES.get(sniffed.mime);
  if (type !== undefined) return isPlausible(head, type) ? type : undefined;
  return isSvg(head) ? SVG : undefined;
}

/** file-type follows a TIFF to its directory, which usually lies at the end of the file, behind the head. */
function largeTiff(head: Buffer): SniffedType | undefined {
  const magic = head.toString('latin1', 0, 4);
  return magic === 'II*\0' || magic === 'MM\0*' ? IMAGE_TYPES.get('image/tiff') : undefined;
}

/** file-type takes "BM" and "GIF" at the start for an image; a text may well begin so. */
function isPlausible(head: Buffer, type: SniffedType): boolean {
  if (type.extension === 'bmp') return head.length >= 18 && BMP_HEADER_BYTES.has(head.readUInt32LE(14));
  if (type.extension === 'gif') return /^GIF8[79]a$/.test(head.toString('latin1', 0, 6));
  return true;
}

/** Whether the first element is `svg`: declaration, comments, processing instructions and document type are skipped. */
function isSvg(head: Buffer): boolean {
  let text = decode(head);
  for (;;) {
    text = text.trimStart();
    const end = text.startsWith('<!--') ? '-->' : text.startsWith('<?') ? '?>' : /^<!DOCTYPE/i.test(text) ? '>' : null;
    if (end === null) return /^<(?:[\w-]+:)?svg[\s/>]/i.test(text);
    // A document type with an internal subset ends in "]>"; entities inside it hold ">" of their own.
    const subset = end === '>' && /^<!DOCTYPE[^>[]*\[/i.test(text);
    const at = text.indexOf(subset ? ']' : end);
    if (at < 0) return /<(?:[\w-]+:)?svg[\s/>]/i.test(text);
    text = subset ? text.slice(at + 1).replace(/^\s*>/, '') : text.slice(at + end.length);
  }
}

function decode(head: Buffer): string {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0x3c && head[1] === 0);
  const isUtf16Big = (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] === 0x3c);
  const encoding = isUtf16 ? 'utf-16le' : isUtf16Big ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(head);
}
