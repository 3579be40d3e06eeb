import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';

export interface ReceivedPart {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The parts of an upload, each file with the id that stood before it. */
export async function partsOf(request: IncomingMessage): Promise<readonly ReceivedPart[]> {
  const body = new Uint8Array(await readBody(request));
  const form = await new Response(body, {
    headers: { 'Content-Type': request.headers['content-type'] ?? '' },
  }).formData();
  const parts: ReceivedPart[] = [];
  let id = '';
  for (const [, value] of form) {
    if (typeof value === 'string') {
      id = value;
      continue;
    }
    const bytes = new Uint8Array(await value.arrayBuffer());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    parts.push({ id, name: value.name, sha256, sizeBytes: bytes.length });
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
