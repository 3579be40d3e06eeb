import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { FailureCode, FileStamp, ItemImage, QueueItem } from './queue-item.ts';

/** A file of which the fleet does not have the bytes. */
export type PreparedItem = QueueItem & { readonly sha256: string };

/** A file that is sent; its id and hash are known. */
export type SentItem = PreparedItem & { readonly id: string };

export type HashOutcome =
  | { readonly key: number; readonly kind: 'hashed'; readonly sha256: string; readonly stamp: FileStamp }
  | { readonly key: number; readonly kind: 'failed'; readonly code: FailureCode; readonly message: string };

/** Reads files for their hashes; only the caller's signal makes it throw. */
export type HashFiles = (items: readonly QueueItem[], signal: AbortSignal) => Promise<readonly HashOutcome[]>;

/** Finds what the fleet has of these hashes, at one server. Fails with FleetError. */
export type Lookup = (server: string, sha256: readonly string[]) => Promise<OperatorOutput<'lookupImages'>>;

export type SentOutcome =
  | { readonly key: number; readonly kind: 'stored'; readonly image: ItemImage; readonly sha256: string }
  /** About this file: other files may well be taken. */
  | { readonly key: number; readonly kind: 'refused'; readonly code: FailureCode; readonly message: string }
  /** Another file of the request broke it off; this one may simply go again. */
  | { readonly key: number; readonly kind: 'unsent' }
  /** About the way to the server: any file would have fared like that. `retryAfterMs`: as the server wishes. */
  | {
      readonly key: number;
      readonly kind: 'lost';
      readonly error: FleetError;
      readonly retryAfterMs: number | undefined;
    };

export interface SendOptions {
  /** Start of the address of the server. */
  readonly server: string;
  readonly signal: AbortSignal;
  /** Bytes of a file that went out since the last call. */
  readonly onBytes: (key: number, bytes: number) => void;
}

/** Sends files in one request, streamed from the disk. Each has exactly one outcome; only the caller's signal makes it throw. */
export interface Sender {
  send(items: readonly SentItem[], options: SendOptions): Promise<readonly SentOutcome[]>;
  close(): void;
}

/** Which server takes what is sent next. */
export interface TargetChoice {
  /** Undefined while none can take anything. */
  current(): string | undefined;
  /** How a request to that server ended. */
  succeeded(server: string): void;
  failed(server: string, error: FleetError, retryAfterMs: number | undefined): void;
  /** When it is worth asking again while `current` has none, milliseconds since the epoch. */
  openAt(): number;
}
