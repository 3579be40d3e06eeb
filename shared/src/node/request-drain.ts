import type { IncomingMessage } from 'node:http';

/** Many clients write their whole body before they read: a refusal is heard only when the body has been taken. */
export interface DrainLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

export const DRAIN_LIMITS: DrainLimits = { maxBytes: 64 * 1024 * 1024, maxMs: 10_000 };
/** After an answer to a body beyond the limits: how long it is thrown away before the connection is cut. */
export const LINGER_LIMITS: DrainLimits = { maxBytes: 512 * 1024 * 1024, maxMs: 2_000 };

/** Throws the rest of a body away; true when it came to its end (or the client went) within the limits. */
export function drain(request: IncomingMessage, limits: DrainLimits): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return Promise.resolve(true);
  return new Promise((resolve) => {
    let bytes = 0;
    const finish = (isWhole: boolean): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      if (!isWhole) request.pause();
      resolve(isWhole);
    };
    const onEnd = (): void => {
      finish(true);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) finish(false);
    };
    const timer = setTimeout(finish, limits.maxMs, false);
    request.on('data', onData).once('end', onEnd).once('close', onEnd).once('error', onEnd);
    request.resume();
  });
}
