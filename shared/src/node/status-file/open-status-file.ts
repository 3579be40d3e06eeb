import { basename, dirname } from 'node:path';
import type { ErrorBody } from '#common/errors/fleet-error.ts';
import type { DecodedStatusServer } from '#common/status-file/decode-status-file.ts';
import { judgeLease, NO_LEASE_SEEN, type MonitorLife } from '#common/status-file/lease-judge.ts';
import { leasePath } from '#common/status-file/lease.ts';
import { FolderWatch } from './folder-watch.ts';
import { lookAtStatusFile, readLease } from './read-status-file.ts';

const DEFAULT_POLL_MS = 2000;
const SHORTEST_POLL_MS = 100;

/** What an application knows at one moment. */
export interface StatusFileState {
  /** In the order of the file, from its last good content; the same array until the file says something else. */
  readonly servers: readonly DecodedStatusServer[];
  /** Null before the first good content, and in files of another monitor. */
  readonly generation: number | null;
  /** Silent: the content is as old as the monitor's death, and nobody takes a server that dies out of it. */
  readonly monitor: MonitorLife;
  /** Why the file could not be read the last time, while older content goes on; null when it could. */
  readonly problem: ErrorBody | null;
}

export type StatusFileListener = (state: StatusFileState, before: StatusFileState) => void;

export interface StatusFileOptions {
  /** Looks at least so often, in milliseconds, for disks that tell nothing of changes; default 2 s. */
  readonly pollMs?: number;
  /** What a listener has thrown; the default is a warning of the process. */
  readonly onError?: (error: unknown) => void;
  /** Monotonic milliseconds; the leases are judged by it. */
  readonly monotonic?: () => number;
}

/** A status file as an application uses it. */
export interface StatusFileReader {
  current(): StatusFileState;
  /** Calls when servers, generation, monitor or problem are others; returns what ends it. */
  onChange(listener: StatusFileListener): () => void;
  /** Ends watching; the last state stays. */
  close(): void;
}

/**
 * Opens a status file of any form and keeps up with it, also while it does not exist yet. Resolves after the first look
 * and never rejects: what is wrong stands in `current().problem`. Keeps no process alive.
 */
export async function openStatusFile(path: string, options: StatusFileOptions = {}): Promise<StatusFileReader> {
  const reader = new WatchingReader(path, options);
  await reader.start();
  return reader;
}

class WatchingReader implements StatusFileReader {
  readonly #path: string;
  readonly #pollMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #monotonic: () => number;
  readonly #watch: FolderWatch;
  readonly #listeners = new Set<StatusFileListener>();
  #state: StatusFileState = { servers: [], generation: null, monitor: 'unknown', problem: null };
  #mark: string | null = null;
  #sight = NO_LEASE_SEEN;
  #looking: Promise<void> | null = null;
  #isToRepeat = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(path: string, options: StatusFileOptions) {
    this.#path = path;
    this.#pollMs = options.pollMs ?? DEFAULT_POLL_MS;
    this.#onError = options.onError ?? warn;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    const names = [basename(path), basename(leasePath(path))];
    this.#watch = new FolderWatch(dirname(path), names, () => void this.#look());
  }

  async start(): Promise<void> {
    await this.#look();
    this.#planPoll();
  }

  current(): StatusFileState {
    return this.#state;
  }

  onChange(listener: StatusFileListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    this.#listeners.clear();
  }

  #planPoll(): void {
    if (this.#isClosed) return;
    const periodMs = this.#sight.last?.lease.periodMs ?? this.#pollMs;
    const delayMs = Math.min(this.#pollMs, Math.max(SHORTEST_POLL_MS, periodMs));
    this.#timer = setTimeout(() => void this.#look().then(() => this.#planPoll()), delayMs);
    this.#timer.unref();
  }

  /** One look at a time; what happens during it is seen by one more. Never rejects. */
  #look(): Promise<void> {
    this.#isToRepeat = true;
    this.#looking ??= this.#lookWhileNeeded();
    return this.#looking;
  }

  async #lookWhileNeeded(): Promise<void> {
    while (this.#isToRepeat && !this.#isClosed) {
      this.#isToRepeat = false;
      // The watch first: what changes after it was ensured and before the look is over makes an event.
      await this.#watch.ensure();
      const look = await lookAtStatusFile(this.#path, this.#state.problem === null ? this.#mark : null);
      const lookedAt = this.#monotonic();
      this.#sight = judgeLease(this.#sight, await readLease(this.#path), lookedAt);
      const { monitor } = this.#sight;
      if (look.kind === 'same') this.#become({ ...this.#state, monitor });
      else if (look.kind === 'failed') this.#become({ ...this.#state, monitor, problem: look.error.toBody() });
      else {
        this.#mark = look.mark;
        const { servers, generation } = look.content;
        this.#become({ servers, generation, monitor, problem: null });
      }
    }
    this.#looking = null;
  }

  #become(found: StatusFileState): void {
    const before = this.#state;
    const next = areEqual(found.servers, before.servers) ? { ...found, servers: before.servers } : found;
    if (this.#isClosed || isSame(next, before)) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) {
      try {
        listener(next, before);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

function isSame(next: StatusFileState, before: StatusFileState): boolean {
  return (
    next.servers === before.servers &&
    next.generation === before.generation &&
    next.monitor === before.monitor &&
    next.problem?.code === before.problem?.code &&
    next.problem?.message === before.problem?.message
  );
}

function areEqual(some: readonly DecodedStatusServer[], others: readonly DecodedStatusServer[]): boolean {
  if (some === others) return true;
  return JSON.stringify(some) === JSON.stringify(others);
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
