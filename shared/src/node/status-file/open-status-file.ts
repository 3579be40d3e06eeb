import { readFile } from 'node:fs/promises';
import { FleetError, type ErrorBody } from '#common/errors/fleet-error.ts';
import { decodeStatusFile, type DecodedStatusServer } from '#common/status-file/decode-status-file.ts';

const DEFAULT_POLL_MS = 2000;

/** What an application knows at one moment. */
export interface StatusFileState {
  /** In the order of the file, from its last good content; the same array until the file says something else. */
  readonly servers: readonly DecodedStatusServer[];
  readonly generation: number | null;
  readonly monitor: 'alive' | 'silent' | 'unknown';
  /** Why the file could not be read the last time; null when it could. */
  readonly problem: ErrorBody | null;
}

export type StatusFileListener = (state: StatusFileState, before: StatusFileState) => void;

export interface StatusFileOptions {
  readonly pollMs?: number;
  readonly onError?: (error: unknown) => void;
  readonly monotonic?: () => number;
}

export interface StatusFileReader {
  current(): StatusFileState;
  onChange(listener: StatusFileListener): () => void;
  close(): void;
}

/** Opens a status file and keeps up with it, also while it does not exist yet. Never rejects. */
export async function openStatusFile(path: string, options: StatusFileOptions = {}): Promise<StatusFileReader> {
  let state: StatusFileState = { servers: [], generation: null, monitor: 'unknown', problem: null };
  let content: string | null = null;
  const listeners = new Set<StatusFileListener>();
  const become = (next: StatusFileState): void => {
    const before = state;
    state = next;
    for (const listener of listeners) listener(state, before);
  };
  const look = async (): Promise<void> => {
    try {
      const text = await readFile(path, 'utf8');
      if (text === content && state.problem === null) return;
      become({ ...decodeStatusFile(text), monitor: 'unknown', problem: null });
      content = text;
    } catch (error) {
      const failure = error instanceof FleetError ? error : new FleetError('STATUS_UNREADABLE', String(error));
      if (state.problem?.message !== failure.message) become({ ...state, problem: failure.toBody() });
    }
  };
  await look();
  const timer = setInterval(() => void look(), options.pollMs ?? DEFAULT_POLL_MS).unref();
  return {
    current: () => state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
