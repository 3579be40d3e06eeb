import { FILE_FAILURE_CODES, type FailureCode, type FileFailureCode, type ItemState } from '#bridge/engine-words.ts';

/** States in which something is still to be done without anybody asking. */
export const OPEN_STATES = ['queued', 'hashing', 'uploading', 'inDoubt'] as const satisfies readonly ItemState[];

/** States of files that nothing more happens to; the oldest of them leave the queue at some time. */
export const HISTORY_STATES = ['done', 'present', 'cancelled'] as const satisfies readonly ItemState[];

/** States in which a file is in the queue for good already: one that is paused is not added a second time either. */
export const UNSETTLED_STATES = [...OPEN_STATES, 'paused'] as const satisfies readonly ItemState[];

export function isFileFailure(code: FailureCode): code is FileFailureCode {
  return (FILE_FAILURE_CODES as readonly FailureCode[]).includes(code);
}

/**
 * Failures after which neither the hash nor the id that was chosen for it holds: other bytes lie in the file, or under the
 * id. A retry by hand begins with a new hash and a new id. After every other failure both stay, because an earlier try may
 * have stored the image.
 */
export const RENEWING_CODES = ['FILE_CHANGED', 'ID_TAKEN', 'NOT_AN_IMAGE'] as const satisfies readonly FailureCode[];

export interface ItemFailure {
  readonly code: FailureCode;
  /** The case, in English; the code has a sentence in every language. */
  readonly message: string;
}

/** What tells one content of a file from another without reading it. */
export interface FileStamp {
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, with its fraction. */
  readonly mtimeMs: number;
  /** 0 where the file system has none. */
  readonly inode: number;
}

/** A file as the walk found it. */
export interface FoundFile extends FileStamp {
  /** Absolute. */
  readonly file: string;
  /** As it is shown, and as a browser names it: from the folder that was added on, by forward slashes. */
  readonly path: string;
}

/** The image in the fleet that a file became, or was already. */
export interface ItemImage {
  readonly path: string;
  readonly link: string;
}

/** One file of the queue. */
export interface QueueItem extends FoundFile {
  /** Grows in the order in which files were added. */
  readonly key: number;
  readonly state: ItemState;
  readonly sha256: string | null;
  /** `yyyy/M/d/<uuid>`, chosen once, before the first byte goes out: every try names it, so nothing is stored twice. */
  readonly id: string | null;
  /** How often it was sent since it was added, or since somebody tried it again. */
  readonly attempts: number;
  /** Of the next try by itself, milliseconds since the epoch. */
  readonly retryAt: number | null;
  /** Of the last try; stays in sight while the next one waits. */
  readonly failure: ItemFailure | null;
  readonly image: ItemImage | null;
  /** It is sent although the fleet has these bytes. */
  readonly isForced: boolean;
}

/** What changes of an item; what is not named stays. */
export type ItemChange = { readonly key: number } & Partial<
  Pick<
    QueueItem,
    | 'state'
    | 'sha256'
    | 'id'
    | 'attempts'
    | 'retryAt'
    | 'failure'
    | 'image'
    | 'isForced'
    | 'sizeBytes'
    | 'mtimeMs'
    | 'inode'
  >
>;

/** Files and bytes in each state. */
export type QueueCounts = Readonly<Record<ItemState, { readonly files: number; readonly bytes: number }>>;
