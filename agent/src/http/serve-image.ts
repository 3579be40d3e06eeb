import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context, Middleware } from 'koa';
import parseRange from 'range-parser';
import { parseUrlPath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { clockOf } from '@imagefleet/shared/common/image/version.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Slice } from '#replication/reseed/relay-copy.ts';
import type { FoundCopy } from '#services/find-copy.ts';
import type { ServableCopy } from '#services/read-through.ts';
import type { RelayedCopy } from '#services/relays.ts';

export interface ServeImageDeps {
  /** `isOwnOnly`: no other server is asked; then nothing is COPY_NOT_HERE. */
  readonly findCopy: (path: ImagePath, options: { readonly isOwnOnly: boolean }) => Promise<ServableCopy | undefined>;
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
 * Serves images from the open file, or straight from another server what has no room here. Not through `send`: it opens by name after it has looked, and between the two a named
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
    if ('open' in found) await answerFromFile(ctx, found, deps.onServed);
    else await answerRelayed(ctx, found, deps.onServed);
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

async function answerFromFile(ctx: Context, found: FoundCopy, onServed: ServeImageDeps['onServed']): Promise<void> {
  const { handle } = found.open;
  let isHandedOn = false;
  try {
    const slice = sliceToSend(ctx, found, onServed);
    if (slice === undefined) return;
    const lengthBytes = slice.end - slice.start + 1;
    if (lengthBytes <= BUFFERED_BYTES) {
      sendBytes(ctx, found, await readWhole(handle, slice.start, lengthBytes));
      return;
    }
    // The stream closes the handle at its end, on an error, and when Koa destroys it because the client went.
    const stream = handle.createReadStream({ ...slice, highWaterMark: STREAM_CHUNK_BYTES });
    isHandedOn = true;
    sendStream(ctx, found, { stream, lengthBytes });
  } finally {
    if (!isHandedOn) await handle.close();
  }
}

async function answerRelayed(ctx: Context, found: RelayedCopy, onServed: ServeImageDeps['onServed']): Promise<void> {
  const slice = sliceToSend(ctx, found, onServed);
  if (slice === undefined) return;
  const bytes = await found.relay(slice);
  if (bytes instanceof Readable) sendStream(ctx, found, { stream: bytes, lengthBytes: slice.end - slice.start + 1 });
  else sendBytes(ctx, found, bytes);
}

/** Sets status and headers; undefined when the answer has no body: nothing has changed, or it is HEAD. */
function sliceToSend(ctx: Context, found: ServableCopy, onServed: ServeImageDeps['onServed']): Slice | undefined {
  setHeaders(ctx, found);
  if (ctx.fresh) {
    ctx.status = 304;
    return undefined;
  }
  const slice = requestedSlice(ctx, found);
  const lengthBytes = slice.end - slice.start + 1;
  onServed(ctx.method === 'HEAD' ? 0 : lengthBytes);
  if (ctx.method !== 'HEAD') return slice;
  ctx.length = lengthBytes;
  return undefined;
}

function sendBytes(ctx: Context, { record }: ServableCopy, bytes: Buffer): void {
  ctx.body = bytes;
  // Koa names a type of its own for buffers and streams.
  ctx.set('Content-Type', record.mediaType);
}

function sendStream(
  ctx: Context,
  { record }: ServableCopy,
  { stream, lengthBytes }: { readonly stream: Readable; readonly lengthBytes: number },
): void {
  // Once the status has gone out, only a connection that breaks says that this is not the whole.
  stream.once('error', () => {
    if (ctx.headerSent) ctx.res.destroy();
  });
  ctx.body = stream;
  ctx.length = lengthBytes;
  ctx.set('Content-Type', record.mediaType);
}

function setHeaders(ctx: Context, { record, isImmutable }: ServableCopy): void {
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
function requestedSlice(ctx: Context, { record }: ServableCopy): Slice {
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

function isRangeWanted(ctx: Context, record: ServableCopy['record']): boolean {
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
