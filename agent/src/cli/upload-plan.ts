import { availableParallelism } from 'node:os';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { sha256OfFile } from '@imagefleet/shared/node/file-hash.ts';

/** The first batch is small, so that the first upload starts at once; later ones save calls. */
const FIRST_BATCH_FILES = 16;
const MAX_BATCH_FILES = 500;
const MAX_BATCH_BYTES = 512 * 1024 * 1024;
const MAX_HASHING = 4;

export interface LocalFile {
  readonly file: string;
  readonly sizeBytes: number;
}

export type PlannedFile =
  | { readonly kind: 'upload'; readonly source: LocalFile; readonly sha256: string }
  /** The fleet has these bytes already. */
  | { readonly kind: 'present'; readonly source: LocalFile; readonly link: string; readonly path: string }
  /** The same bytes as a file that came earlier in this run. */
  | { readonly kind: 'twin'; readonly source: LocalFile; readonly sha256: string }
  | { readonly kind: 'unreadable'; readonly source: LocalFile; readonly error: FleetError };

export interface KnownImage {
  readonly sha256: string;
  readonly link: string;
  readonly path: string;
}

/** Finds what the fleet has of these hashes. */
export type Lookup = (sha256: readonly string[]) => Promise<readonly KnownImage[]>;

/** Decides for each file what is to be done, one batch ahead of the consumer. May be read by several workers at once. */
export async function* planUploads(
  files: readonly LocalFile[],
  lookup: Lookup,
  signal: AbortSignal,
): AsyncGenerator<PlannedFile> {
  const seen = new Set<string>();
  const batches = batchesOf(files);
  let next = startBatch(batches, lookup, signal);
  while (next !== undefined) {
    const planned = await next;
    next = startBatch(batches, lookup, signal);
    for (const file of planned) {
      if (signal.aborted) return;
      if (file.kind === 'upload' && seen.has(file.sha256)) yield { ...file, kind: 'twin' };
      else yield file;
      if (file.kind === 'upload') seen.add(file.sha256);
    }
  }
}

function startBatch(
  batches: Iterator<readonly LocalFile[], void>,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly PlannedFile[]> | undefined {
  const batch = batches.next();
  if (batch.done === true || signal.aborted) return undefined;
  const planned = planBatch(batch.value, lookup, signal);
  // It is awaited one turn later; until then a failure must not count as one that nobody handles.
  planned.catch(() => undefined);
  return planned;
}

function* batchesOf(files: readonly LocalFile[]): Generator<readonly LocalFile[], void> {
  let limit = FIRST_BATCH_FILES;
  let batch: LocalFile[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.sizeBytes;
    if (batch.length < limit && bytes < MAX_BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
    limit = Math.min(limit * 2, MAX_BATCH_FILES);
  }
  if (batch.length > 0) yield batch;
}

async function planBatch(
  batch: readonly LocalFile[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly PlannedFile[]> {
  const hashed = await hashAll(batch, signal);
  const wanted = [...new Set(hashed.flatMap((entry) => (typeof entry === 'string' ? [entry] : [])))];
  const known = new Map(
    wanted.length === 0 || signal.aborted ? [] : (await lookup(wanted)).map((image) => [image.sha256, image]),
  );
  return batch.map((source, index): PlannedFile => {
    const sha256 = hashed[index];
    if (typeof sha256 !== 'string') return { kind: 'unreadable', source, error: unreadable(source, sha256?.failure) };
    const image = known.get(sha256);
    return image === undefined
      ? { kind: 'upload', source, sha256 }
      : { kind: 'present', source, link: image.link, path: image.path };
  });
}

interface HashFailure {
  readonly failure: unknown;
}

async function hashAll(batch: readonly LocalFile[], signal: AbortSignal): Promise<readonly (string | HashFailure)[]> {
  const results: (string | HashFailure)[] = [];
  const queue = batch.entries();
  const work = async (): Promise<void> => {
    for (const [index, { file }] of queue) {
      try {
        results[index] = await sha256OfFile(file, signal);
      } catch (failure) {
        results[index] = { failure };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_HASHING, availableParallelism()) }, work));
  return results;
}

function unreadable(source: LocalFile, cause: unknown): FleetError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  return new FleetError('INPUT_INVALID', `cannot read ${source.file} (${code})`, {
    cause,
    hint: 'Look whether the file is still there and may be read.',
  });
}
