import type { FailureCode, FileFailureCode } from '#bridge/engine-words.ts';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { FileStamp, ItemImage, QueueItem } from './queue-item.ts';

/** A file of which the fleet does not have the bytes. */
export type PreparedItem = QueueItem & { readonly sha256: string };

/** A file that is sent; its id and hash are known. */
export type SentItem = PreparedItem & { readonly id: string };

export type HashOutcome =
  | { readonly key: number; readonly kind: 'hashed'; readonly sha256: string; readonly stamp: FileStamp }
  | { readonly key: number; readonly kind: 'failed'; readonly code: FileFailureCode; readonly message: string };

/** Reads files for their hashes; only the caller's signal makes it throw. */
export type HashFiles = (items: readonly QueueItem[], signal: AbortSignal) => Promise<readonly HashOutcome[]>;

/** Finds what the fleet has of these hashes, at one server. Fails with FleetError. */
export type Lookup = (server: string, sha256: readonly string[]) => Promise<OperatorOutput<'lookupImages'>>;

export type SentOutcome =
  /** `sha256` is of what arrived. Where it is not the item's, the file changed while it was read: see `isAsQueued`. */
  | {
      readonly key: number;
      readonly kind: 'stored';
      readonly image: ItemImage;
      readonly sha256: string;
      /** False: a real image is stored under the item's id, and it is not the one that was queued (FILE_CHANGED). */
      readonly isAsQueued: boolean;
    }
  /** About this file: other files may well be taken. */
  | { readonly key: number; readonly kind: 'refused'; readonly code: FailureCode; readonly message: string }
  /** About the way to the server: any file would have fared like that. `retryAfterMs`: as the server wishes. */
  | {
      readonly key: number;
      readonly kind: 'lost';
      readonly error: FleetError;
      readonly retryAfterMs: number | undefined;
    }
  /**
   * Nothing is wrong with this file nor with the server, and nothing of it is stored: another file spoiled the request, or
   * there were too many. It is sent again at once, and no attempt is counted. `maxFiles`: this server takes no more in one
   * request.
   */
  | { readonly key: number; readonly kind: 'unsent'; readonly maxFiles: number | undefined };

export interface SendOptions {
  /** Start of the address of the server. */
  readonly server: string;
  readonly signal: AbortSignal;
  /** Bytes of a file that went out since the last call. What was counted of a file that is not stored counts no more. */
  readonly onBytes: (key: number, bytes: number) => void;
}

/** Sends files in one request, streamed from the disk. Each has exactly one outcome; only the caller's signal makes it throw. */
export interface Sender {
  send(items: readonly SentItem[], options: SendOptions): Promise<readonly SentOutcome[]>;
  close(): void;
}

/** One request to a server. Ends in exactly one of the three calls; later ones change nothing. */
export interface TargetTurn {
  /** Start of its address. */
  readonly server: string;
  /** It answered as a server does that takes images, also when it refused some of them. */
  succeeded(): void;
  failed(error: FleetError, retryAfterMs: number | undefined): void;
  /** Nothing was learned of the server: stopped by the operator, or no file could be read. */
  dropped(): void;
}

/** What the fleet says of a server. */
export interface HeardState {
  /** Start of its address, as the choice knows it. */
  readonly server: string;
  readonly state: ServerState;
}

/** Which server takes what is sent next. */
export interface TargetChoice {
  /** Where the next request would go; undefined while none can take anything. */
  current(): string | undefined;
  /** The same, and a request begins: a server that failed gets one alone, to see whether it is back. */
  begin(): TargetTurn | undefined;
  /**
   * What the fleet says of its servers: at least as often as WORD_LASTS_MS as long as anybody of it answers. A server
   * that is not named keeps what was said of it last.
   */
  heard(states: readonly HeardState[]): void;
  /**
   * When it is worth asking again while `current` has none, milliseconds since the epoch; Infinity while only the end of a
   * request that is under way can change it.
   */
  openAt(): number;
}
