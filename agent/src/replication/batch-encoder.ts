import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { diskError } from '#store/disk/disk-error.ts';
import { ownedConcat } from '#store/owned-buffer.ts';
import { bodySizeOf } from './batch-manifest.ts';

const READ_BYTES = 64 * 1024;
const LINE_END = Buffer.from('\n');

/** What goes out under one entry: bytes in memory, or an open file that is read while it is sent. */
export type EntryBody = Buffer<ArrayBuffer> | { readonly handle: FileHandle; readonly sizeBytes: number };

export interface EncodedBatch {
  readonly manifestLine: Uint8Array;
  readonly sizeBytes: number;
  /**
   * The whole body: in one piece of `allocateOwned`, which the caller may free, where everything is in memory; else a
   * stream in which files are read from their start.
   */
  readonly body: () => Readable | Buffer<ArrayBuffer>;
}

/** The manifest's part of one record, as it stands in the line. */
export function encodeEntry(record: ImageRecord): string {
  const { kind, path, version, createdAt } = record;
  if (kind === 'tombstone') return JSON.stringify({ kind, path, version, createdAt });
  const { sha256, sizeBytes, mediaType, originalName } = record;
  return JSON.stringify({ kind, path, version, sha256, sizeBytes, mediaType, originalName, createdAt });
}

/** Names of fields, numbers, hash, media type and version of an entry: they never take more. */
const ENTRY_FRAME_BYTES = 500;
/** A character of a JSON string, at worst `\u0001`. */
const CHARACTER_BYTES = 6;

/** An upper bound of what `encodeEntry` comes to with its comma, in bytes; encoding it to count would double the work. */
export function longestEntry(record: ImageRecord): number {
  const text = record.kind === 'tombstone' ? record.path : record.path + record.originalName;
  return ENTRY_FRAME_BYTES + CHARACTER_BYTES * text.length;
}

/** One batch as it goes over the wire: the manifest as one JSON line, then the bytes of its entries in order. */
export function encodeBatch(
  entries: readonly { readonly record: ImageRecord; readonly body: EntryBody | null }[],
): EncodedBatch {
  const manifestLine = Buffer.from(`{"entries":[${entries.map(({ record }) => encodeEntry(record)).join(',')}]}`);
  const bodies = entries.flatMap(({ body }) => (body === null ? [] : [body]));
  const sizeBytes = entries.reduce((sum, { record }) => sum + bodySizeOf(record), manifestLine.length + 1);
  const body = (): Readable | Buffer<ArrayBuffer> => {
    const inMemory = bodies.filter((one) => one instanceof Uint8Array);
    // One write to the socket, instead of one for each image, is worth copying the bytes.
    if (inMemory.length === bodies.length) return ownedConcat([manifestLine, LINE_END, ...inMemory], sizeBytes);
    return Readable.from(chunks(manifestLine, bodies), { objectMode: false });
  };
  return { manifestLine, sizeBytes, body };
}

async function* chunks(manifestLine: Uint8Array, bodies: readonly EntryBody[]): AsyncGenerator<Uint8Array> {
  yield manifestLine;
  yield LINE_END;
  for (const body of bodies) {
    if (body instanceof Uint8Array) yield body;
    else yield* fileChunks(body);
  }
}

/** Exactly `sizeBytes`, if the file has them: one that grows meanwhile must not shift what follows. */
async function* fileChunks({ handle, sizeBytes }: Exclude<EntryBody, Buffer>): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < sizeBytes;) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, sizeBytes - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position).catch((error: unknown) => {
      // Else it would pass for a failure of the connection, and a healthy peer be blamed for this disk.
      throw diskError(error, 'read an image that is being copied');
    });
    // Ending early would leave the receiver waiting for the rest.
    if (bytesRead === 0) throw new FleetError('OWN_COPY_DAMAGED', 'the file became shorter while it was read');
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
