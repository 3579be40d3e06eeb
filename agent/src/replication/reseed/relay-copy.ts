import { createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { BatchDecoder } from '../batch-decoder.ts';
import { asFleetError } from '../batch-intake.ts';
import { parseManifest } from '../batch-manifest.ts';
import type { CopyGiver } from '../repair/fetch-copies.ts';

/** Up to here an image is taken whole and checked before the first byte of it goes on. */
const WHOLE_BYTES = 256 * 1024;
/** A whole image that takes longer comes from the next peer. */
const WHOLE_MS = 5_000;

/** Bytes of an image from the first to the last, both included. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

export interface Relay {
  readonly record: PresentRecord;
  /** Peers that have these bytes, in the order in which they are asked. */
  readonly givers: readonly CopyGiver[];
  readonly slice: Slice;
}

/**
 * A part of an image straight from a peer to a visitor, for a server whose disk has no room to keep it. The peer sends
 * the whole, because only the whole has a hash. A stream holds back its last piece until the hash is right, and ends in
 * an error when it is not: whoever counts the bytes never takes wrong ones for the image. Throws what the last peer
 * failed with.
 */
export async function relayCopy({ record, givers, slice }: Relay, signal: AbortSignal): Promise<Buffer | Readable> {
  let failure = new FleetError('OWN_COPY_MISSING', `no server that answers has a whole copy of ${record.path}`);
  for (const giver of givers) {
    try {
      return await relayFrom(giver, record, slice, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = asFleetError(error);
    }
  }
  throw failure;
}

async function relayFrom(
  giver: CopyGiver,
  record: PresentRecord,
  slice: Slice,
  signal: AbortSignal,
): Promise<Buffer | Readable> {
  const isWhole = record.sizeBytes <= WHOLE_BYTES;
  const within = isWhole ? AbortSignal.any([signal, AbortSignal.timeout(WHOLE_MS)]) : signal;
  const answer = await giver.fetch([record], within);
  let isHandedOn = false;
  try {
    const [entry] = parseManifest(answer.line).entries;
    if (entry?.kind !== 'present' || entry.version !== record.version || entry.sha256 !== record.sha256) {
      throw new FleetError('PEER_FAILED', `${giver.name} has no whole copy of ${record.path} any more`);
    }
    if (isWhole) return await takeWhole(answer.decoder, record, slice);
    const stream = Readable.from(checked(await answer.decoder.body(record.sizeBytes), record, slice), {
      objectMode: false,
    });
    // Also when the visitor goes: the peer need not send the rest.
    stream.once('close', answer.close);
    isHandedOn = true;
    return stream;
  } finally {
    if (!isHandedOn) answer.close();
  }
}

async function takeWhole(decoder: BatchDecoder, record: PresentRecord, { start, end }: Slice): Promise<Buffer> {
  const bytes = await decoder.bytes(record.sizeBytes);
  if (hash('sha256', bytes) !== record.sha256) throw mismatch(record);
  return bytes.subarray(start, end + 1);
}

async function* checked(
  body: AsyncIterable<Uint8Array>,
  record: PresentRecord,
  { start, end }: Slice,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('sha256');
  let held: Uint8Array | undefined;
  let at = 0;
  for await (const chunk of body) {
    digest.update(chunk);
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    at += chunk.length;
    if (part.length === 0) continue;
    if (held !== undefined) yield held;
    held = part;
  }
  if (digest.digest('hex') !== record.sha256) throw mismatch(record);
  if (held !== undefined) yield held;
}

function mismatch({ path }: PresentRecord): FleetError {
  return new FleetError('DIGEST_MISMATCH', `what arrived of ${path} does not have the hash of its record`);
}
