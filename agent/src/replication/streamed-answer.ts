import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { STALL_MS } from './peer-answer.ts';

/**
 * An answer that is too long to be signed whole: its first line is signed and names the hashes of everything that
 * follows, as in a batch that is pushed.
 */
export class StreamedAnswer {
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  readonly stream: () => Readable;
  /** Closes what the stream reads from; called once, whether it was read or not. */
  readonly close: () => Promise<void>;

  constructor(options: Pick<StreamedAnswer, 'head' | 'sizeBytes' | 'stream' | 'close'>) {
    this.head = options.head;
    this.sizeBytes = options.sizeBytes;
    this.stream = options.stream;
    this.close = options.close;
  }
}

/** Writes it to the end. Rejects when the reader goes away or stalls, or when a file cannot be read any more; the caller cuts the connection. */
export async function sendStreamed(
  response: ServerResponse,
  answer: StreamedAnswer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    response.setTimeout(STALL_MS, () => response.destroy());
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': answer.sizeBytes,
    });
    await pipeline(answer.stream(), response);
  } finally {
    await answer.close();
  }
}
