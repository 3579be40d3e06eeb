import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { ImageUpload } from '#console/api/host.ts';
import type { SetTimer } from './queue-ports.ts';

/** Longest silence while bytes are still to go out. */
export const STALL_MS = 30_000;
/** Longest wait for the answer after the last byte: a proxy may first take everything and then pass it on. */
export const ANSWER_MS = 120_000;

type Upload = (upload: ImageUpload) => Promise<StoredImage>;

/** An upload that hangs is ended with PEER_TIMEOUT: a dead line keeps a connection open for many minutes. */
export function withStallLimit(upload: Upload, setTimer: SetTimer): Upload {
  return async (sent) => {
    const watch = new StallWatch(setTimer);
    let mostBytes = 0;
    const onProgress = (sentBytes: number): void => {
      // Only what moves on counts.
      if (sentBytes > mostBytes) watch.restart(sentBytes >= sent.file.size ? ANSWER_MS : STALL_MS);
      mostBytes = Math.max(mostBytes, sentBytes);
      sent.onProgress(sentBytes);
    };
    watch.restart(STALL_MS);
    try {
      const signal = AbortSignal.any([sent.signal, watch.signal]);
      return await Promise.race([upload({ ...sent, signal, onProgress }), watch.hung]);
    } finally {
      watch.stop();
    }
  };
}

class StallWatch {
  readonly #setTimer: SetTimer;
  readonly #ended = new AbortController();
  /** Rejects when nothing moved for too long; never resolves. */
  readonly hung: Promise<never>;
  #stop: () => void = () => undefined;

  constructor(setTimer: SetTimer) {
    this.#setTimer = setTimer;
    const { signal } = this.#ended;
    this.hung = new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as FleetError));
    });
    // Nobody waits for it any more when the upload itself has ended.
    this.hung.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  restart(ms: number): void {
    this.#stop();
    this.#stop = this.#setTimer(() => {
      this.#ended.abort(new FleetError('PEER_TIMEOUT', `nothing moved for ${String(ms / 1000)} s`));
    }, ms);
  }

  stop(): void {
    this.#stop();
  }
}
