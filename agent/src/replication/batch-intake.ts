import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { foldPath, parseImagePath, type ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { ImageRecord, PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { isVersion } from '@imagefleet/shared/common/image/version.ts';
import type { Catalog, CatalogRecord } from '#store/catalog.ts';
import type { ImageStore, StagedImage } from '#store/image-store.ts';
import type { BatchDecoder } from './batch-decoder.ts';
import { bodySizeOf } from './batch-manifest.ts';
import { lacksOwnBytes } from './own-bytes.ts';
import type { StagingSlots } from './staging-slots.ts';

/** Bodies up to this size are taken off the stream before the disk has the one before. */
const BUFFERED_BYTES = 1024 * 1024;

/** An entry after its bytes have been taken off the stream. */
export type TakenEntry =
  | {
      readonly path: ImagePath;
      readonly record: ImageRecord;
      /** Null: nothing was staged, because a record of our own makes the bytes superfluous, or it is a tombstone. */
      readonly stagingName: string | null;
    }
  | { readonly error: FleetError };

export interface IntakeDeps {
  readonly store: Pick<ImageStore, 'sizeOf' | 'stage' | 'stageWhole' | 'discard'>;
  readonly catalog: Pick<Catalog, 'findManyAnyCase'>;
  readonly slots: StagingSlots;
}

export interface Intake {
  readonly entries: readonly TakenEntry[];
  /** Why the body ended early; entries that had not arrived whole carry it too. */
  readonly brokenBy: FleetError | undefined;
}

/**
 * Takes the bytes of a batch into the tmp area, in the order of its manifest. Entries fail one by one: what is wrong
 * with one of them never loses the others, and neither does a connection that breaks after they arrived.
 */
export async function takeBatch(
  records: readonly ImageRecord[],
  decoder: BatchDecoder,
  deps: IntakeDeps,
): Promise<Intake> {
  const accepted = acceptPaths(records);
  const known = await deps.catalog.findManyAnyCase(
    accepted.flatMap((path) => (path instanceof FleetError ? [] : [path])),
  );
  const taken: Promise<TakenEntry>[] = [];
  let brokenBy: FleetError | undefined;
  for (const [index, record] of records.entries()) {
    const path = accepted[index];
    if (brokenBy !== undefined) {
      taken.push(Promise.resolve({ error: brokenBy }));
    } else if (path === undefined || path instanceof FleetError) {
      taken.push(Promise.resolve({ error: path ?? new FleetError('INTERNAL', 'an entry has no path') }));
      brokenBy = await skip(decoder, record);
    } else if (record.kind === 'tombstone' || (await isSuperfluous(record, known.get(path), deps))) {
      taken.push(Promise.resolve({ path, record, stagingName: null }));
      brokenBy = await skip(decoder, record);
    } else {
      const started = await startStaging(decoder, record, deps);
      taken.push(
        started.staged.then((staged) =>
          staged instanceof FleetError ? { error: staged } : { path, record, stagingName: staged },
        ),
      );
      brokenBy = started.brokenBy;
    }
  }
  brokenBy ??= await failureOf(() => decoder.finish());
  return { entries: await Promise.all(taken), brokenBy };
}

/**
 * Whether the bytes must be written, as far as the record tells: `own` is that of the path in whichever spelling. The
 * same version, a newer one, or one with the same bytes at just this path makes them superfluous.
 */
export function needsBytes(incoming: PresentRecord, own: CatalogRecord | undefined): boolean {
  if (own === undefined) return true;
  if (own.version >= incoming.version) return false;
  if (own.kind === 'tombstone' || own.stagingName !== null) return true;
  return own.path !== incoming.path || own.sha256 !== incoming.sha256;
}

/** Costs a look at the disk only where the record alone would make the bytes superfluous. */
async function isSuperfluous(
  record: PresentRecord,
  own: CatalogRecord | undefined,
  { store }: IntakeDeps,
): Promise<boolean> {
  return !needsBytes(record, own) && !(await lacksOwnBytes(record, own, store));
}

function acceptPaths(records: readonly ImageRecord[]): readonly (ImagePath | FleetError)[] {
  const folded = new Set<string>();
  return records.map((record) => {
    try {
      const path = parseImagePath(record.path);
      if (!isVersion(record.version)) throw new FleetError('INPUT_INVALID', `${record.version} is not a version`);
      const key = foldPath(path);
      if (folded.has(key)) throw new FleetError('INPUT_INVALID', `${path} occurs twice in one batch`);
      folded.add(key);
      return path;
    } catch (error) {
      return asFleetError(error);
    }
  });
}

interface StartedStaging {
  /** The staging name, or why there is none. Never rejects. */
  readonly staged: Promise<string | FleetError>;
  readonly brokenBy: FleetError | undefined;
}

/** Returns as soon as the bytes are off the stream; small ones go to the disk while the next ones arrive. */
async function startStaging(decoder: BatchDecoder, record: PresentRecord, deps: IntakeDeps): Promise<StartedStaging> {
  if (record.sizeBytes > BUFFERED_BYTES) {
    // Straight from the stream, which may hang for long: it takes no slot, or a slow peer would hold up the fast ones.
    const body = await attempt(() => decoder.body(record.sizeBytes));
    if (body instanceof FleetError) return { staged: Promise.resolve(body), brokenBy: body };
    let cutBy: FleetError | undefined;
    const source = watched(body, (error) => (cutBy = error));
    const staged = await stage(
      () => deps.store.stage(source, { maxBytes: record.sizeBytes, freesChunks: true }),
      record,
      deps,
    );
    return { staged: Promise.resolve(staged), brokenBy: cutBy };
  }
  const bytes = await attempt(() => decoder.bytes(record.sizeBytes));
  if (bytes instanceof FleetError) return { staged: Promise.resolve(bytes), brokenBy: bytes };
  const release = await deps.slots.take(record.sizeBytes);
  const staged = stage(() => deps.store.stageWhole(bytes), record, deps);
  return { staged: staged.finally(release), brokenBy: undefined };
}

async function stage(
  work: () => Promise<StagedImage>,
  record: PresentRecord,
  { store }: IntakeDeps,
): Promise<string | FleetError> {
  try {
    const { stagingName, sha256, sizeBytes } = await work();
    if (sha256 === record.sha256 && sizeBytes === record.sizeBytes) return stagingName;
    await store.discard(stagingName);
    return new FleetError(
      'DIGEST_MISMATCH',
      `what arrived of ${record.path} does not have the hash that was announced`,
    );
  } catch (error) {
    return asFleetError(error);
  }
}

async function skip(decoder: BatchDecoder, record: ImageRecord): Promise<FleetError | undefined> {
  if (bodySizeOf(record) === 0) return undefined;
  return failureOf(async () => {
    await decoder.body(bodySizeOf(record));
    await decoder.skip();
  });
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  onError: (error: FleetError) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    onError(asFleetError(error));
    throw error;
  }
}

/** The value, or the error that came instead. */
async function attempt<T>(work: () => Promise<T>): Promise<T | FleetError> {
  try {
    return await work();
  } catch (error) {
    return asFleetError(error);
  }
}

async function failureOf(work: () => Promise<void>): Promise<FleetError | undefined> {
  return attempt(async () => {
    await work();
    return undefined;
  });
}

export function asFleetError(error: unknown): FleetError {
  return error instanceof FleetError
    ? error
    : new FleetError('INTERNAL', 'an entry failed unexpectedly', { cause: error });
}
