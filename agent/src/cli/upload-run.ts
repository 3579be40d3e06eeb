import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { ImageId } from '@imagefleet/shared/common/image/image-path.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { UploadClient, UploadOutcome } from '@imagefleet/shared/node/upload-client.ts';
import { ServerRotation } from './server-rotation.ts';
import { planUploads, type KnownImage, type LocalFile, type Lookup, type PlannedFile } from './upload-plan.ts';

/** Together with the pauses some ten seconds on average: an agent that is started again is back by then. */
const MAX_ATTEMPTS = 8;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** So many files in a row that no server took because none could be reached: the rest would only wait for the same. */
const GIVE_UP_AFTER = 16;
/** Every other file would be refused for the same reason. */
const FATAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'KEY_MISSING',
  'KEY_WRONG',
  'ROLE_MISSING',
  'ACK_TOO_HIGH',
  'PEER_ANSWER_INVALID',
]);

export type FileResult =
  | {
      readonly kind: 'uploaded' | 'present';
      readonly file: string;
      readonly link: string;
      readonly sizeBytes: number;
      /** Whether as many servers hold it as `ack` says. */
      readonly isAcknowledged: boolean;
    }
  | { readonly kind: 'twin'; readonly file: string; readonly link: string; readonly sizeBytes: number }
  /** The fleet does not want this file. */
  | { readonly kind: 'refused'; readonly file: string; readonly error: FleetError }
  /** It may succeed in another run. */
  | { readonly kind: 'failed'; readonly file: string; readonly error: FleetError };

export interface UploadRunOptions {
  readonly files: readonly LocalFile[];
  readonly servers: readonly [string, ...string[]];
  readonly concurrency: number;
  readonly ack: string | undefined;
  readonly waitMs: number | undefined;
  readonly client: UploadClient;
  readonly lookup: Lookup;
  /** An id for a new image, with the day of the server. */
  readonly newId: () => ImageId;
  /** Which servers hold an image that the fleet has. */
  readonly replicasOf: (path: string) => Promise<readonly Replica[]>;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Bytes of files that went out; negative when an attempt failed and its bytes go out again. */
  readonly onBytes: (bytes: number) => void;
  readonly onResult: (result: FileResult) => void;
}

/** Refusals of the bytes themselves: the same bytes in another file fare no better. */
const BYTES_REFUSED: ReadonlySet<string> = new Set(['NOT_AN_IMAGE', 'SVG_REFUSED', 'FILE_TOO_LARGE', 'EMPTY_FILE']);

/** What ended a run before its last file; undefined when every file has its result. */
export type UploadRunEnd = FleetError | 'stopped' | undefined;

/** Uploads files with a fixed number of workers. Each file ends in exactly one result, except those a stopped run did not reach. */
export class UploadRun {
  readonly #options: UploadRunOptions;
  readonly #servers: ServerRotation;
  readonly #links = new Map<string, string>();
  readonly #twins: { readonly source: LocalFile; readonly sha256: string }[] = [];
  readonly #failures = new Map<string, FleetError>();
  readonly #halt = new AbortController();
  readonly #signal: AbortSignal;
  #end: UploadRunEnd;
  #lostInARow = 0;

  constructor(options: UploadRunOptions) {
    this.#options = options;
    this.#servers = new ServerRotation(options.servers, options.now);
    this.#signal = AbortSignal.any([options.signal, this.#halt.signal]);
  }

  async run(): Promise<UploadRunEnd> {
    const planned = planUploads(this.#options.files, (hashes) => this.#lookup(hashes), this.#signal);
    const work = async (): Promise<void> => {
      try {
        for await (const file of shared(planned)) {
          await this.#handle(file);
          if (this.#signal.aborted) return;
        }
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!(error instanceof FleetError)) throw error;
        this.#stop(error);
      }
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, work));
    for (const twin of this.#twins) await this.#settleTwin(twin);
    return this.#end ?? (this.#options.signal.aborted ? 'stopped' : undefined);
  }

  #lookup(sha256: readonly string[]): Promise<readonly KnownImage[]> {
    return this.#patiently(() => this.#options.lookup(sha256));
  }

  /** Asks again what failed for a reason that may pass. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask();
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !(error instanceof FleetError && canRetry(error))) throw error;
        await this.#pause(attempt - 1);
      }
    }
  }

  async #handle(planned: PlannedFile): Promise<void> {
    const { file, sizeBytes } = planned.source;
    switch (planned.kind) {
      case 'present': {
        const isAcknowledged = await this.#isAcknowledged(planned.path);
        this.#options.onBytes(sizeBytes);
        this.#options.onResult({ kind: 'present', file, link: planned.link, sizeBytes, isAcknowledged });
        return;
      }
      case 'unreadable':
        this.#options.onResult({ kind: 'failed', file, error: planned.error });
        return;
      case 'twin':
        this.#twins.push(planned);
        return;
      case 'upload':
        await this.#upload(planned.source, planned.sha256);
    }
  }

  async #upload(source: LocalFile, sha256: string): Promise<void> {
    const id = this.#options.newId();
    for (let attempt = 1; ; attempt += 1) {
      await this.#servers.untilOpen(this.#signal);
      const server = this.#servers.current();
      const outcome = await this.#attempt(source, id, server);
      if (outcome.kind === 'stored') {
        const { link } = outcome.image;
        // Under the hash of what arrived: the file may have changed since it was read for the plan.
        this.#links.set(outcome.image.sha256, link);
        this.#lostInARow = 0;
        const { isAcknowledged } = outcome;
        this.#options.onResult({
          kind: 'uploaded',
          file: source.file,
          link,
          sizeBytes: source.sizeBytes,
          isAcknowledged,
        });
        return;
      }
      const { error } = outcome;
      if (!canRetry(error) || attempt >= MAX_ATTEMPTS) {
        this.#fail(source, sha256, error);
        return;
      }
      this.#servers.report(server, outcome.retryAfterMs);
      if (attempt >= this.#servers.count) await this.#pause(attempt - this.#servers.count);
    }
  }

  /** Whether as many servers hold an image of the fleet as `ack` says. What this key may not ask counts as not held. */
  async #isAcknowledged(path: string): Promise<boolean> {
    const { ack, replicasOf } = this.#options;
    if (ack === undefined) return true;
    try {
      const replicas = await this.#patiently(() => replicasOf(path));
      return isReached(ack, replicas);
    } catch (error) {
      const isUnknown =
        error instanceof FleetError && (error.code === 'ROLE_MISSING' || error.code === 'IMAGE_NOT_FOUND');
      if (!isUnknown) throw error;
      return false;
    }
  }

  async #attempt(source: LocalFile, id: ImageId, server: string): Promise<UploadOutcome> {
    const { client, ack, waitMs, onBytes } = this.#options;
    let sent = 0;
    const outcome = await client.upload({
      server,
      file: source.file,
      id,
      ack,
      waitMs,
      signal: this.#signal,
      onBytes: (bytes) => {
        sent += bytes;
        onBytes(bytes);
      },
    });
    if (outcome.kind === 'failed') onBytes(-sent);
    return outcome;
  }

  #fail(source: LocalFile, sha256: string, error: FleetError): void {
    this.#failures.set(sha256, error);
    this.#options.onResult({ kind: canRetry(error) ? 'failed' : 'refused', file: source.file, error });
    if (FATAL_CODES.has(error.code)) this.#stop(error);
    const isLost = error.code === 'PEER_UNREACHABLE' || error.code === 'PEER_TIMEOUT';
    this.#lostInARow = isLost ? this.#lostInARow + 1 : 0;
    if (this.#lostInARow >= GIVE_UP_AFTER) this.#stop(error);
  }

  #stop(error: FleetError): void {
    this.#end ??= error;
    this.#halt.abort();
  }

  /** What became of its bytes; when they never went up, because the file that had them changed or vanished, it goes itself. */
  async #settleTwin({ source, sha256 }: { readonly source: LocalFile; readonly sha256: string }): Promise<void> {
    const { file, sizeBytes } = source;
    const link = this.#links.get(sha256);
    const error = this.#failures.get(sha256);
    if (link !== undefined) {
      this.#options.onBytes(sizeBytes);
      this.#options.onResult({ kind: 'twin', file, link, sizeBytes });
    } else if (error !== undefined && (this.#signal.aborted || BYTES_REFUSED.has(error.code))) {
      this.#options.onResult({ kind: canRetry(error) ? 'failed' : 'refused', file, error });
    } else if (!this.#signal.aborted) {
      await this.#tryTwin(source, sha256);
    }
  }

  async #tryTwin(source: LocalFile, sha256: string): Promise<void> {
    try {
      await this.#upload(source, sha256);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof FleetError)) throw error;
      this.#stop(error);
    }
  }

  /** Exponential with full jitter, so that workers that failed together do not come back together. */
  async #pause(round: number): Promise<void> {
    const ceilingMs = Math.min(FIRST_BACKOFF_MS * 2 ** round, MAX_BACKOFF_MS);
    await sleep(Math.random() * ceilingMs, undefined, { signal: this.#signal });
  }
}

/** Throws ACK_TOO_HIGH as an upload would. */
function isReached(ack: string, replicas: readonly Replica[]): boolean {
  const wished = ack === 'all' ? replicas.length : Number(ack);
  if (wished > replicas.length) {
    const size = String(replicas.length);
    throw new FleetError('ACK_TOO_HIGH', `--ack ${ack} asks for more servers than the fleet has (${size})`);
  }
  return replicas.filter(({ state }) => state === 'stored').length >= wished;
}

function canRetry(error: FleetError): boolean {
  return error.isRetryable || error.status >= 500;
}

/** A view of a generator that a worker can leave without ending it for the others. */
function shared<T>(source: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}
