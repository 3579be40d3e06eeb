import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';

const KEY = 'K';

/** What several small agents share, as if they had copied it to each other at once. */
export type SharedImages = Map<string, { readonly sha256: string; readonly sizeBytes: number }>;

/** Enough of an agent to upload to: keeps hashes by id, answers lookups, refuses a wrong key and what is no image. */
export class SmallAgent {
  /** Ids in the order in which uploads arrived, also those that then failed. */
  readonly uploadedIds: string[] = [];
  /** Servers that hold an image, and those that lack it; undefined: the key may not ask. */
  copies: { readonly stored: number; readonly pending: number } | undefined = { stored: 1, pending: 0 };
  /** Called with each look-up, before its answer. */
  onLookup: () => Promise<void> = () => Promise.resolve();
  /** Told with each look-up. */
  timeZone = 'UTC';
  /** Each entry is used up by one upload, instead of storing it. Its body was read, and stored when it says so. */
  readonly accidents: ((response: ServerResponse, store: () => void) => void)[] = [];
  readonly #stub: StubServer;

  private constructor(stub: StubServer) {
    this.#stub = stub;
  }

  static async start(images: SharedImages): Promise<SmallAgent> {
    const holder: { agent?: SmallAgent } = {};
    const stub = await startStubServer((request, response) => holder.agent?.answer(images, request, response));
    holder.agent = new SmallAgent(stub);
    return holder.agent;
  }

  get url(): string {
    return this.#stub.url;
  }

  close(): Promise<void> {
    return this.#stub.close();
  }

  async answer(images: SharedImages, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (request.headers.authorization !== `Bearer ${KEY}`) {
      answerJson(response, 401, { code: 'KEY_WRONG', message: 'wrong key' });
    } else if (request.url === '/api/v1/images/lookup') {
      await this.onLookup();
      const { sha256 } = JSON.parse(body.toString()) as { sha256: readonly string[] };
      const known = [...images].filter(([, image]) => sha256.includes(image.sha256));
      const clock = { at: Date.now(), timeZone: this.timeZone };
      answerJson(response, 200, { images: known.map(([id, image]) => ({ ...image, ...this.#place(id) })), clock });
    } else if (request.method === 'GET') {
      this.#tell(images, request.url ?? '', response);
    } else {
      this.#store(images, body.toString('latin1'), response);
    }
  }

  #store(images: SharedImages, body: string, response: ServerResponse): void {
    const id = /name="id"\r\n\r\n(.*)\r\n/.exec(body)?.[1] ?? '';
    const content = /name="file".*?\r\n\r\n(.*)\r\n--/s.exec(body)?.[1] ?? '';
    const image = { sha256: createHash('sha256').update(content, 'latin1').digest('hex'), sizeBytes: content.length };
    this.uploadedIds.push(id);
    const accident = this.accidents.shift();
    if (accident !== undefined) {
      accident(response, () => images.set(id, image));
      return;
    }
    if (content.startsWith('text')) {
      answerJson(response, 415, { code: 'NOT_AN_IMAGE', message: 'These bytes are no image.' });
      return;
    }
    images.set(id, image);
    const stored = { ...image, ...this.#place(id), mediaType: 'image/png', originalName: '', replicas: [] };
    answerJson(response, 201, { images: [stored] });
  }

  #tell(images: SharedImages, url: string, response: ServerResponse): void {
    const id = url.replace('/api/v1/images/', '').replace('.png', '');
    const image = images.get(id);
    if (image === undefined || this.copies === undefined) {
      answerJson(response, 403, { code: 'ROLE_MISSING', message: 'The key lacks the role "read".' });
      return;
    }
    const { stored, pending } = this.copies;
    const states = [...Array<string>(stored).fill('stored'), ...Array<string>(pending).fill('pending')];
    const replicas = states.map((state, index) => ({ server: `s${String(index + 1)}`, state }));
    const fields = { mediaType: 'image/png', originalName: '', version: 'v', createdAt: 0 };
    answerJson(response, 200, { ...image, ...this.#place(id), ...fields, replicas });
  }

  #place(id: string): { path: string; link: string } {
    return { path: `${id}.png`, link: `http://images/${id}.png` };
  }
}
