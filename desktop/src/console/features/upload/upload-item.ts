import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { ItemState } from './item-states.ts';

/** FILE_UNREADABLE: the file on the operator's own disk is gone, was changed or may not be read; no server knows of it. */
export type FailureCode = ErrorCode | 'FILE_UNREADABLE';

export interface ItemFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** The image in the fleet that a file became, or was already. */
export interface FleetImage {
  readonly path: string;
  readonly link: string;
  /** Empty until somebody asked. */
  readonly replicas: readonly Replica[];
}

/** One file of the queue. Never changed in place: what is the same object looks the same. */
export interface UploadItem {
  readonly key: number;
  /** Null until it was opened. */
  readonly file: File | null;
  readonly open: OpenFile | null;
  /** Its name with the folders that it was dropped in, by forward slashes. */
  readonly path: string;
  readonly name: string;
  /** 0 until it was opened. */
  readonly sizeBytes: number;
  readonly state: ItemState;
  readonly sha256: string | null;
  /** Chosen once, when it is first sent: every retry names it, so nothing is stored twice. */
  readonly id: string | null;
  readonly sentBytes: number;
  readonly attempts: number;
  /** Epoch milliseconds of the next try by itself. */
  readonly retryAt: number | null;
  /** Of the last attempt; stays in sight while the next one waits. */
  readonly failure: ItemFailure | null;
  readonly image: FleetImage | null;
  /** It is sent although the fleet has these bytes. */
  readonly isForced: boolean;
}

type OpenFile = () => Promise<File>;

/**
 * A file as it is handed in. What comes out of a folder is only named: a browser lists ten thousand names in the time in
 * which it opens some hundred files.
 */
export type ChosenFile =
  { readonly path: string; readonly file: File } | { readonly path: string; readonly open: OpenFile };

export function newItem(key: number, chosen: ChosenFile): UploadItem {
  const { path } = chosen;
  const file = 'file' in chosen ? chosen.file : null;
  return {
    ...{ key, path, file, open: 'open' in chosen ? chosen.open : null },
    ...{ name: file?.name ?? path.slice(path.lastIndexOf('/') + 1), sizeBytes: file?.size ?? 0 },
    ...{ state: 'queued', sha256: null, id: null, sentBytes: 0, attempts: 0 },
    ...{ retryAt: null, failure: null, image: null, isForced: false },
  };
}

/**
 * Codes after which a new try begins from nothing: the bytes are others than those that were hashed and named, or only
 * others can be taken.
 */
const OTHER_BYTES: ReadonlySet<FailureCode> = new Set([
  'FILE_UNREADABLE',
  'ID_TAKEN',
  'NOT_AN_IMAGE',
  'EMPTY_FILE',
  'FILE_TOO_LARGE',
]);

/** The same file back in its line, because somebody asked for it; under its id, unless its bytes are others. */
export function askedAgain(item: UploadItem): UploadItem {
  const isOther = item.failure !== null && OTHER_BYTES.has(item.failure.code);
  return {
    ...item,
    ...{ state: 'queued', sentBytes: 0, attempts: 0, retryAt: null, failure: null },
    ...(isOther ? { sha256: null, id: null } : {}),
    // Opened anew, a file that was changed on the disk can be read again.
    ...(isOther && item.open !== null ? { file: null } : {}),
  };
}
