import type { FileHandle } from 'node:fs/promises';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import type { WholeFile } from './disk/small-files.ts';

/** Bytes that lie synced in the store's own tmp area, under no path yet. Must end in `publish` or `discard`. */
export interface StagedImage {
  /** Name inside the tmp area; means nothing outside the store that made it. */
  readonly stagingName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Type and usual extension (without a dot), from the bytes; undefined when they are no known image. */
  readonly type: { readonly mediaType: string; readonly extension: string } | undefined;
}

/** An open copy. Reads see one file from start to end, whatever is renamed meanwhile. The caller closes it. */
export interface OpenImage {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

export interface StageOptions {
  /** More bytes than this end in FILE_TOO_LARGE. */
  readonly maxBytes: number;
  /** An upload whose client has gone leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** The source's chunks come from a connection and nobody else has them: freed when they are on the disk (owned-buffer.ts). */
  readonly freesChunks?: boolean;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/**
 * Where bytes live. Adapters pass `testing/image-store-contract.ts`. Foreign errors are translated here: ENOSPC and
 * EDQUOT to DISK_FULL, other failures of the disk to IO_FAILED.
 */
export interface ImageStore {
  /** Creates its folders and throws away what an earlier run left in the tmp area, except `keep` (staging names). */
  start(keep: ReadonlySet<string>): Promise<void>;
  stop(): Promise<void>;
  /** Streams, hashes and syncs. On any failure nothing is left in the tmp area. An empty source is EMPTY_FILE. */
  stage(source: AsyncIterable<Uint8Array>, options: StageOptions): Promise<StagedImage>;
  /** The same for bytes in memory of `allocateOwned` (owned-buffer.ts), which are given away. */
  stageWhole(bytes: Buffer<ArrayBuffer>): Promise<StagedImage>;
  /** Gives staged bytes their path and returns when name and bytes survive a power cut. Replaces what is there. Idempotent per staging name. */
  publish(stagingName: string, path: ImagePath): Promise<void>;
  /**
   * Removes the file at `path`, durably; fine when there is none. Only for bytes that no record speaks of, and whoever may
   * want them has kept them before.
   */
  unpublish(path: ImagePath): Promise<void>;
  /** Whether the file system takes two spellings for one file, which is there. */
  isSameFile(path: ImagePath, other: ImagePath): Promise<boolean>;
  /**
   * Links what `open` would open into the trash under `trashName`; false when there is nothing. Called before `publish` of
   * an overwrite.
   */
  keepOld(path: ImagePath, trashName: string, stagingName?: string | null): Promise<boolean>;
  /** Throws the staged bytes away; fine when they are gone. */
  discard(stagingName: string): Promise<void>;
  /** Opens the staged bytes when `stagingName` is given and still staged, else the file at `path`; undefined when missing. */
  open(path: ImagePath, stagingName?: string | null): Promise<OpenImage | undefined>;
  /** Size of what `open` would open; undefined when missing. For looking at many. */
  sizeOf(path: ImagePath, stagingName?: string | null): Promise<number | undefined>;
  /**
   * The bytes of a small image, found like `open` finds it, if it has just `sizeBytes` of them; the caller may free them
   * (owned-buffer.ts). For many images at once.
   */
  read(path: ImagePath, stagingName: string | null, sizeBytes: number): Promise<WholeFile>;
  /** Free and total bytes of the file system, no older than `maxAgeMs`. Default: a second. */
  space(maxAgeMs?: number): Promise<DiskSpace>;
}
