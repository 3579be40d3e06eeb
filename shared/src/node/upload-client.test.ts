import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newImageId } from '#common/image/image-path.ts';
import { answerJson, readBody, startStubServer, type StubHandler, type StubServer } from '#testing/stub-server.ts';
import { createUploadClient, type UploadClient, type UploadOutcome, type UploadRequest } from './upload-client.ts';

const ID = newImageId({
  nowMs: Date.UTC(2014, 3, 15, 12),
  timeZone: 'UTC',
  uuid: '5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1',
});
const STORED = {
  path: `${ID}.png`,
  link: `http://i/${ID}.png`,
  sha256: 'a'.repeat(64),
  sizeBytes: 3,
  mediaType: 'image/png',
  originalName: 'a.png',
  replicas: [],
};

describe('the upload client', () => {
  let dir: string;
  let stub: StubServer | undefined;
  let client: UploadClient;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    client.close();
    await stub?.close();
    await rm(dir, { recursive: true });
  });

  async function upload(
    handler: StubHandler,
    options: { file?: string; content?: Buffer; stallMs?: number; request?: Partial<UploadRequest> } = {},
  ): Promise<UploadOutcome> {
    const file = join(dir, options.file ?? 'a.png');
    await writeFile(file, options.content ?? 'abc');
    stub = await startStubServer(handler);
    const { stallMs } = options;
    client = createUploadClient({ key: 'K', connections: 2, ...(stallMs === undefined ? {} : { stallMs }) });
    return client.upload({ server: stub.url, file, id: ID, ...options.request });
  }

  it('sends the id before the file, the key, and a length that is known from the start', async () => {
    let body = '';
    let headers: Record<string, unknown> = {};
    const outcome = await upload(
      async (request, response) => {
        headers = request.headers;
        body = (await readBody(request)).toString();
        answerJson(response, 201, { images: [STORED] });
      },
      { file: '图 "1".png' },
    );
    expect(outcome).toMatchObject({ kind: 'stored', isAcknowledged: true, image: { link: STORED.link } });
    expect(headers).toMatchObject({ authorization: 'Bearer K', 'content-length': String(Buffer.byteLength(body)) });
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(body.indexOf(`name="id"\r\n\r\n${ID}\r\n`)).toBeGreaterThan(0);
    expect(body.indexOf('name="file"')).toBeGreaterThan(body.indexOf('name="id"'));
    expect(body).toContain('图');
    expect(body).toContain('\r\n\r\nabc\r\n');
  });

  it('asks for copies and tells when they did not come in time', async () => {
    const outcome = await upload(
      async (request, response) => {
        await readBody(request);
        answerJson(response, 202, { images: [STORED] });
      },
      { request: { ack: 'all', waitMs: 1500 } },
    );
    expect(outcome).toMatchObject({ kind: 'stored', isAcknowledged: false });
    expect(stub?.requests).toEqual(['POST /api/v1/images?ack=all&wait=1500ms']);
  });

  it('counts every byte of the file once', async () => {
    let bytes = 0;
    await upload(
      async (request, response) => {
        await readBody(request);
        answerJson(response, 201, { images: [STORED] });
      },
      { content: Buffer.alloc(300_000), request: { onBytes: (more) => (bytes += more) } },
    );
    expect(bytes).toBe(300_000);
  });

  it('reads the error of one refused file and of a refused request', async () => {
    const refused = { originalName: 'a.png', error: { code: 'NOT_AN_IMAGE', message: 'no image' } };
    expect(
      await upload(async (request, response) => {
        await readBody(request);
        answerJson(response, 207, { images: [refused] });
      }),
    ).toMatchObject({ kind: 'failed', error: { code: 'NOT_AN_IMAGE', message: 'no image' } });
    client.close();
    await stub?.close();
    expect(
      await upload(async (request, response) => {
        await readBody(request);
        answerJson(response, 415, { code: 'SVG_REFUSED', message: 'no svg', hint: 'h' });
      }),
    ).toMatchObject({ kind: 'failed', error: { code: 'SVG_REFUSED', hint: 'h' }, retryAfterMs: undefined });
  });

  it('tells how long the server asks to wait', async () => {
    const outcome = await upload(async (request, response) => {
      await readBody(request);
      response.setHeader('Retry-After', '7');
      answerJson(response, 429, { code: 'RATE_LIMITED', message: 'slowly' });
    });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'RATE_LIMITED' }, retryAfterMs: 7000 });
  });

  it('reads a refusal although the server closes while the body is still on its way', async () => {
    // Many times, because what is lost here is lost by a race.
    for (let round = 0; round < 10; round += 1) {
      const outcome = await upload(
        (request, response) => {
          const body = JSON.stringify({ code: 'FILE_TOO_LARGE', message: 'at most 1 MB' });
          response.writeHead(413, { 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
          response.end(body, () => request.socket.destroy());
        },
        { content: Buffer.alloc(20_000_000) },
      );
      expect(outcome, `round ${String(round)}`).toMatchObject({ kind: 'failed', error: { code: 'FILE_TOO_LARGE' } });
      client.close();
      await stub?.close();
    }
  });

  it('says PEER_UNREACHABLE when the server dies in the middle', async () => {
    const outcome = await upload(
      (request) => {
        request.once('data', () => request.socket.resetAndDestroy());
      },
      { content: Buffer.alloc(5_000_000) },
    );
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'PEER_UNREACHABLE' } });
  });

  it('says PEER_TIMEOUT when nothing moves any more', async () => {
    const stalled: Socket[] = [];
    const outcome = await upload((request) => void stalled.push(request.socket.pause()), {
      content: Buffer.alloc(20_000_000),
      stallMs: 1000,
    });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'PEER_TIMEOUT' } });
    expect(stalled).toHaveLength(1);
  });

  it('says which file cannot be read', async () => {
    client = createUploadClient({ key: 'K', connections: 1 });
    const outcome = await client.upload({ server: 'http://127.0.0.1:9', file: join(dir, 'gone.png'), id: ID });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'INPUT_INVALID' } });
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('gone.png');
  });

  it('throws when its caller stops it', async () => {
    const stop = new AbortController();
    const uploading = upload(() => stop.abort(), { request: { signal: stop.signal } });
    await expect(uploading).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sends an empty file and hears what the server thinks of it', async () => {
    const outcome = await upload(
      async (request, response) => {
        await readBody(request);
        answerJson(response, 400, { code: 'EMPTY_FILE', message: 'no bytes' });
      },
      { content: Buffer.alloc(0) },
    );
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'EMPTY_FILE' } });
  });
});
