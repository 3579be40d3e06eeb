import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { QueueCounts } from '#engine/queue/queue-item.ts';
import type { HashFiles, Lookup, Sender, TargetChoice } from '#engine/queue/upload-ports.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import type { Holding } from './holding.ts';
import type { Paces } from './pace.ts';
import type { ServerLimits } from './request-plan.ts';

export interface UploadEngineDeps {
  readonly store: UploadQueueStore;
  readonly hash: HashFiles;
  readonly lookup: Lookup;
  readonly sender: Sender;
  readonly target: TargetChoice;
  readonly paces: Paces;
  readonly limits: ServerLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly uuid: () => string;
  /** Returns its own cancel. */
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** Something has changed; called often. */
  readonly onChanged?: () => void;
  /** Nobody else hears of it: a disk that fails under the queue, a fault of ours. The engine stands still then. */
  readonly onFault: (error: unknown) => void;
  /** From now on nothing goes out; told once, until something does. */
  readonly onHolding?: (error: FleetError) => void;
}

export interface EngineStatus {
  readonly counts: QueueCounts;
  readonly isPaused: boolean;
  readonly holding: Holding | null;
  /** Bytes that went out since the start. */
  readonly movedBytes: number;
  /** Of them, those of files that are not there yet. */
  readonly bytesUnderWay: number;
}

/** What people do with single files. */
export type ByHand = 'pausedByHand' | 'resumed' | 'cancelled' | 'retried' | 'forced';
