import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { FailureCode, ItemImage, QueueItem } from './queue-item.ts';

/** A file that is sent; its id and hash are known. */
export type SentItem = QueueItem & { readonly id: string; readonly sha256: string };

export type SentOutcome =
  | { readonly key: number; readonly kind: 'stored'; readonly image: ItemImage; readonly sha256: string }
  /** About this file: other files may well be taken. */
  | { readonly key: number; readonly kind: 'refused'; readonly code: FailureCode; readonly message: string }
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
