import type { FileHandle } from 'node:fs/promises';
import type { Context, Middleware } from 'koa';
import parseRange from 'range-parser';
import { parseUrlPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { clockOf } from '@imagefleet/shared/common/image/version.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { FoundCopy } from '#services/find-copy.ts';

export interface ServeImageDeps {
  /** `isOwnOnly`: no other server is asked; then nothing is COPY_NOT_HERE. */
  readonly findCopy: (path: ImagePath, options: { readonly isOwnOnly: boolean }) => Promise<FoundCopy | undefined>;
  readonly onServed: (sizeBytes: number) => void;
}

/** First segments that are never images; see image-path.ts. */
const RESERVED = /^\/(?:(?:api|peer|\.m|console|health|metrics|do\.ashx)(?:\/|$)|$)/i;
/** Up to here an image is read at once, which costs less than a stream. */
const BUFFERED_BYTES = 64 * 1024;
const STREAM_CHUNK_BYTES = 256 * 1024;
const ONLY_IF_CACHED = /(?:^|[\s,])only-if-cached(?:$|[\s,])/i;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** A name that breaks no rule but is no image's, such as /robots.txt: simply not here. */
const HARMLESS_PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\/?$/;

/**
 * Serves images from the open file. Not through `send`: it opens by name after it has looked, and between the two a named
 * image may be overwritten, which would send the new bytes under the old length and hash.
 */
export function serveImage(deps: ServeImageDeps): Middleware {
  return async (ctx, next) => {
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (!isRead || RESERVED.test(ctx.path)) {
      await next();
      return;
    }
    // RFC 9111, 5.2.1.7.
    const isOwnOnly = ONLY_IF_CACHED.test(ctx.get('Cache-Control'));
    const found = await deps.findCopy(readPath(ctx.path), { isOwnOnly });
    if (found === undefined) throw notFound();
    await answer(ctx, found, deps.onServed);
  };
}

function readPath(encoded: string): ImagePath {
  try {
    return parseUrlPath(encoded);
  } catch (error) {
    if (HARMLESS_PATH.test(encoded)) throw notFound();
    throw error;
  }
}

function notFound(): FleetError {
  return new FleetError('IMAGE_NOT_FOUND', 'No image has this path on this server.');
}

async function answer(ctx: Context, found: FoundCopy, onServed: (sizeBytes: number) => void): Promise<void> {
  const { handle } = found.open;
  let isHandedOn = false;
  try {
    setHeaders(ctx, found);
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    const slice = requestedSlice(ctx, found);
    const lengthBytes = slice.end - slice.start + 1;
    onServed(ctx.method === 'HEAD' ? 0 : lengthBytes);
    if (ctx.method === 'HEAD') {
      ctx.length = lengthBytes;
    } else if (lengthBytes <= BUFFERED_BYTES) {
      ctx.body = await readWhole(handle, slice.start, lengthBytes);
    } else {
      // The stream closes the handle at its end, on an error, and when Koa destroys it because the client went.
      ctx.body = handle.createReadStream({ ...slice, highWaterMark: STREAM_CHUNK_BYTES });
      ctx.length = lengthBytes;
      isHandedOn = true;
    }
    // Koa names a type of its own for buffers and streams.
    ctx.set('Content-Type', found.record.mediaType);
  } finally {
    if (!isHandedOn) await handle.close();
  }
}

function setHeaders(ctx: Context, { record, isImmutable }: FoundCopy): void {
  ctx.status = 200;
  ctx.set({
    ETag: etagOf(record.sha256),
    'Last-Modified': modifiedAt(record.version).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': isImmutable ? IMMUTABLE : 'no-cache',
    'Content-Type': record.mediaType,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
}

function etagOf(sha256: string): string {
  return `"${sha256}"`;
}

/** From the version, not from the file, so that every server says the same. */
function modifiedAt(version: string): Date {
  return new Date(clockOf(version).wallMs);
}

/** One range (RFC 9110, 14) or the whole. Several ranges, a broken one, or one under a failed If-Range: the whole. Throws RANGE_INVALID. */
function requestedSlice(ctx: Context, { record }: FoundCopy): { start: number; end: number } {
  const whole = { start: 0, end: record.sizeBytes - 1 };
  const header = ctx.get('Range');
  if (ctx.method !== 'GET' || header === '' || !isRangeWanted(ctx, record)) return whole;
  const ranges = parseRange(record.sizeBytes, header);
  if (ranges === -2 || (ranges !== -1 && ranges.type !== 'bytes')) return whole;
  if (ranges === -1) {
    ctx.set('Content-Range', `bytes */${String(record.sizeBytes)}`);
    throw new FleetError('RANGE_INVALID', 'The range lies outside the image.');
  }
  const [first] = ranges;
  if (first === undefined || ranges.length !== 1 || header.includes(',')) return whole;
  ctx.status = 206;
  ctx.set('Content-Range', `bytes ${String(first.start)}-${String(first.end)}/${String(record.sizeBytes)}`);
  return { start: first.start, end: first.end };
}

function isRangeWanted(ctx: Context, record: FoundCopy['record']): boolean {
  const condition = ctx.get('If-Range');
  if (condition === '') return true;
  if (condition.includes('"')) return condition === etagOf(record.sha256);
  return Date.parse(condition) === Math.floor(modifiedAt(record.version).getTime() / 1000) * 1000;
}

/** `read` may give less than asked for; less than the record's size in all means a damaged copy. */
async function readWhole(handle: FileHandle, start: number, lengthBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(lengthBytes);
  let filled = 0;
  while (filled < lengthBytes) {
    const { bytesRead } = await handle.read(buffer, filled, lengthBytes - filled, start + filled);
    if (bytesRead === 0) throw new FleetError('OWN_COPY_DAMAGED', 'The file ended before its size.');
    filled += bytesRead;
  }
  return buffer;
}
