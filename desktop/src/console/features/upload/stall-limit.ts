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
    const watch = new StallWatch(setTimer, sent.signal);
    let mostBytes = 0;
    const onProgress = (sentBytes: number): void => {
      // Only what moves on counts.
      if (sentBytes > mostBytes) watch.restart(sentBytes >= sent.file.size ? ANSWER_MS : STALL_MS);
      mostBytes = Math.max(mostBytes, sentBytes);
      sent.onProgress(sentBytes);
    };
    watch.restart(STALL_MS);
    try {
      return await Promise.race([upload({ ...sent, signal: watch.signal, onProgress }), watch.hung]);
    } finally {
      watch.stop();
    }
  };
}

class StallWatch {
  readonly #setTimer: SetTimer;
  readonly #ended = new AbortController();
  readonly #settled = new AbortController();
  #hang: (error: FleetError) => void = () => undefined;
  /** Rejects when nothing moved for too long; never resolves. */
  readonly hung: Promise<never>;
  #stop: () => void = () => undefined;

  /** `outer`: the caller's own wish to end it, which is handed on. AbortSignal.any is not there in every browser. */
  constructor(setTimer: SetTimer, outer: AbortSignal) {
    this.#setTimer = setTimer;
    this.hung = new Promise((_resolve, reject) => {
      this.#hang = reject;
    });
    // Nobody waits for it any more when the upload itself has ended.
    this.hung.catch(() => undefined);
    const end = (): void => this.#ended.abort(outer.reason);
    if (outer.aborted) end();
    else outer.addEventListener('abort', end, { once: true, signal: this.#settled.signal });
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  restart(ms: number): void {
    this.#stop();
    this.#stop = this.#setTimer(() => {
      const error = new FleetError('PEER_TIMEOUT', `nothing moved for ${String(ms / 1000)} s`);
      this.#hang(error);
      this.#ended.abort(error);
    }, ms);
  }

  stop(): void {
    this.#stop();
    this.#settled.abort();
  }
}
