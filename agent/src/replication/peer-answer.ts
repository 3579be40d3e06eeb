import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is thrown away of a body that was refused, so that the sender gets to read why. */
const MAX_DRAIN_BYTES = 64 * 1024 * 1024;
const MAX_DRAIN_MS = 10_000;
/** A sender that sends nothing for so long is gone. */
export const STALL_MS = 60_000;

/** Writes an answer to the end. When the request's body is not at its end, it is taken and the connection then closed. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array },
): Promise<void> {
  const isWhole = request.readableEnded;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': answer.body.length,
    ...(isWhole ? {} : { connection: 'close' }),
  });
  if (isWhole) {
    response.end(answer.body);
    return;
  }
  // Ending the response first would close the socket under the sender's hands, and the kernel would throw the answer away.
  response.write(answer.body);
  await drain(request);
  response.end();
}

async function drain(request: IncomingMessage): Promise<void> {
  const isOver = new AbortController();
  let bytes = 0;
  const ended = new Promise<void>((resolve) => {
    request
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DRAIN_BYTES) resolve();
    });
    if (request.destroyed) resolve();
    else request.resume();
  });
  const late = sleep(MAX_DRAIN_MS, undefined, { signal: isOver.signal, ref: false }).catch(() => undefined);
  await Promise.race([ended, late]);
  isOver.abort();
  if (!request.readableEnded) request.destroy();
}

/** The chunks of a request's body. Leaving the loop early keeps the connection; a sender that stalls loses it. */
export async function* requestChunks(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
  try {
    for (;;) {
      const stall = setTimeout(() => request.destroy(new Error('the sender stalled')), STALL_MS);
      const step = await chunks.next().finally(() => {
        clearTimeout(stall);
      });
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    await chunks.return?.();
  }
}
