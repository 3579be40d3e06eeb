import type { IncomingMessage, ServerResponse } from 'node:http';
import { drain, DRAIN_LIMITS } from '@imagefleet/shared/node/request-drain.ts';

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
  if (!(await drain(request, DRAIN_LIMITS))) request.destroy();
  response.end();
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
