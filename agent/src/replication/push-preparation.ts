import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { DeliveryEvent } from '@imagefleet/shared/common/delivery/step.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Catalog, CatalogRecord, DueDelivery } from '#store/catalog.ts';
import type { WholeFile } from '#store/disk/small-files.ts';
import { freeOwned } from '#store/owned-buffer.ts';
import { hashCopy } from '#store/hash-copy.ts';
import type { ImageStore } from '#store/image-store.ts';
import { longestEntry, type EntryBody } from './batch-encoder.ts';
import { MAX_LINE_BYTES } from './batch-manifest.ts';

/** Images above this size go alone and are streamed; those up to it are read into memory and share a batch. */
export const LARGE_BYTES = 1024 * 1024;

/** A delivery that is ready to be sent. */
export interface PreparedPush {
  readonly delivery: DueDelivery;
  readonly record: ImageRecord;
  readonly body: EntryBody | null;
}

/** What a delivery came to before or after it was sent. */
export interface PushVerdict {
  readonly delivery: DueDelivery;
  readonly event: DeliveryEvent;
}

export interface PreparationDeps {
  readonly store: Pick<ImageStore, 'open' | 'read'>;
  readonly catalog: Pick<Catalog, 'find'>;
}

/**
 * Reads the own copies of a batch. A record that a newer one has replaced, a copy that is missing and one of the wrong
 * size are told before a byte is sent. Bodies of large images are open files, which the caller closes (`closeBodies`).
 */
export async function preparePushes(
  due: readonly DueDelivery[],
  deps: PreparationDeps,
): Promise<{ readonly ready: readonly PreparedPush[]; readonly verdicts: readonly PushVerdict[] }> {
  const ready: PreparedPush[] = [];
  const verdicts: PushVerdict[] = [];
  // Bounded by the entries and bytes of one batch; the store shares what these wait for.
  for (const one of await Promise.all(due.map((delivery) => prepareSafely(delivery, deps)))) {
    if ('event' in one) verdicts.push(one);
    else ready.push(one);
  }
  return { ready, verdicts };
}

export async function closeBodies(ready: readonly PreparedPush[]): Promise<void> {
  for (const { body } of ready) if (body !== null && 'handle' in body) await body.handle.close();
}

/** Gives the memory of a batch back, once it was sent or cannot be: then nothing reads it any more. */
export function freeBodies(ready: readonly PreparedPush[]): void {
  for (const { body } of ready) if (body !== null && !('handle' in body)) freeOwned(body);
}

/** How many of the due deliveries fit into one batch: by count, by bytes of images and by the length of the line. */
export function fitBatch(
  due: readonly DueDelivery[],
  limits: { readonly bytes: number; readonly count: number },
): number {
  let bytes = 0;
  let lineBytes = 100;
  let count = 0;
  for (const { record, sizeBytes } of due) {
    bytes += sizeBytes;
    lineBytes += record === null ? 0 : longestEntry(record);
    if (count > 0 && (count >= limits.count || bytes > limits.bytes || lineBytes > MAX_LINE_BYTES)) break;
    count += 1;
  }
  return count;
}

/**
 * Why the receiver may have found another hash than announced: the image was replaced meanwhile (its new version has a
 * delivery of its own), our copy is missing or damaged, or the bytes suffered on the way.
 */
export async function judgeMismatch(
  delivery: DueDelivery,
  cause: DeliveryCause,
  deps: PreparationDeps,
): Promise<DeliveryEvent> {
  const record = await deps.catalog.find(delivery.path);
  if (record?.version !== delivery.version || record.kind !== 'present') return { kind: 'superseded' };
  const copy = await hashCopy(deps.store, delivery.path as ImagePath, record.stagingName);
  if (copy === undefined) return missing(delivery);
  if (copy.sha256 !== record.sha256) return damaged(delivery);
  return { kind: 'retryableFailure', cause };
}

async function prepareSafely(delivery: DueDelivery, deps: PreparationDeps): Promise<PreparedPush | PushVerdict> {
  try {
    return await prepare(delivery, deps);
  } catch (error) {
    const { code, message } =
      error instanceof FleetError ? error : new FleetError('IO_FAILED', `could not read ${delivery.path}`);
    return { delivery, event: { kind: 'retryableFailure', cause: { code, message } } };
  }
}

async function prepare(delivery: DueDelivery, deps: PreparationDeps): Promise<PreparedPush | PushVerdict> {
  const { record } = delivery;
  if (record?.version !== delivery.version) return { delivery, event: { kind: 'superseded' } };
  if (record.kind === 'tombstone') return { delivery, record, body: null };
  const body = await (record.sizeBytes > LARGE_BYTES ? openLarge(record, deps) : readSmall(record, deps));
  if (body === 'missing') return { delivery, event: await judge(delivery, missing(delivery), deps) };
  if (body === 'otherSize') return { delivery, event: await judge(delivery, damaged(delivery), deps) };
  return { delivery, record, body };
}

type Present = PresentRecord & { readonly stagingName: string | null };

function readSmall({ path, stagingName, sizeBytes }: Present, { store }: PreparationDeps): Promise<WholeFile> {
  return store.read(path as ImagePath, stagingName, sizeBytes);
}

async function openLarge(record: Present, { store }: PreparationDeps): Promise<EntryBody | 'missing' | 'otherSize'> {
  const copy = await store.open(record.path as ImagePath, record.stagingName);
  if (copy === undefined) return 'missing';
  if (copy.sizeBytes === record.sizeBytes) return { handle: copy.handle, sizeBytes: record.sizeBytes };
  await copy.handle.close();
  return 'otherSize';
}

/** What was found is only true of the record that was looked at: an overwrite may have come between the two. */
async function judge(delivery: DueDelivery, found: DeliveryEvent, deps: PreparationDeps): Promise<DeliveryEvent> {
  const now: CatalogRecord | undefined = await deps.catalog.find(delivery.path);
  return now?.version === delivery.version ? found : { kind: 'superseded' };
}

function missing({ path }: DueDelivery): DeliveryEvent {
  return {
    kind: 'refusedForGood',
    cause: { code: 'OWN_COPY_MISSING', message: `${path} is gone from the disk of this server` },
  };
}

function damaged({ path }: DueDelivery): DeliveryEvent {
  return {
    kind: 'refusedForGood',
    cause: { code: 'OWN_COPY_DAMAGED', message: `${path} no longer has the bytes that were uploaded` },
  };
}
