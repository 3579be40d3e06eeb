import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { ImageUpload } from '#console/api/host.ts';

/** Runs something later; the answer takes it back. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/** All that the queue needs of the world. */
export interface QueuePorts {
  /** SHA-256 in lower-case hex. Fails with a DOMException when the file cannot be read. */
  readonly hash: (file: Blob, signal: AbortSignal) => Promise<string>;
  /** Which of these hashes the fleet has; fails with FleetError. */
  readonly lookup: (sha256: readonly string[]) => Promise<OperatorOutput<'lookupImages'>>;
  /** Fails with FleetError; ended by its signal. */
  readonly upload: (upload: ImageUpload) => Promise<StoredImage>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly setTimer: SetTimer;
  /** Lets the page do what waits; unlike a timer it is not slowed down in a window that nobody sees. */
  readonly nextTurn: () => Promise<void>;
}
