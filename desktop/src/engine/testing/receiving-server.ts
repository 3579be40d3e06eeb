import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';

export interface ReceivedPart {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The parts of an upload, each file with the id that stood right before it. */
export async function partsOf(request: IncomingMessage): Promise<readonly ReceivedPart[]> {
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
  // One character a byte, so that texts can be cut like bytes.
  const body = (await readBody(request)).toString('latin1');
  const parts: ReceivedPart[] = [];
  let id = '';
  for (const section of body.split(`--${boundary}`).slice(1, -1)) {
    const end = section.indexOf('\r\n\r\n');
    const head = Buffer.from(section.slice(0, end), 'latin1').toString();
    const bytes = Buffer.from(section.slice(end + 4, -2), 'latin1');
    const name = /filename="(.*)"/.exec(head)?.[1];
    if (name === undefined) {
      id = bytes.toString();
      continue;
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    parts.push({ id, name, sha256, sizeBytes: bytes.length });
    id = '';
  }
  return parts;
}

/** An image's entry in a receipt. */
export function storedEntry(part: ReceivedPart): Record<string, unknown> {
  const { id, name, sha256, sizeBytes } = part;
  const path = `${id}.png`;
  return {
    path,
    link: `http://i/${path}`,
    sha256,
    sizeBytes,
    mediaType: 'image/png',
    originalName: name,
    replicas: [],
  };
}

/** A server that takes every file and keeps what it got, by request. */
export async function startReceivingServer(
  received: (readonly ReceivedPart[])[],
  answer: { readonly status?: number; readonly entry?: (part: ReceivedPart) => Record<string, unknown> } = {},
): Promise<StubServer> {
  return startStubServer(async (request, response) => {
    const parts = await partsOf(request);
    received.push(parts);
    answerJson(response, answer.status ?? 201, { images: parts.map(answer.entry ?? storedEntry) });
  });
}
