import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { FetchedCopy } from '#replication/reseed/fetch-copy.ts';
import { KEY, startTestAgent, type TestAgent } from './testing/test-agent.ts';
import { rawRequest } from './testing/raw-client.ts';

const SMALL = pngImage({ seed: 1 });
const LARGE = pngImage({ seed: 2, sizeBytes: 3_000_000 });
const VERSION = formatVersion({ wallMs: 1_763_900_000_000, counter: 0 }, 'other');
const ID = '2026/7/28/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';

describe('serving an image', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ logger: silentLogger });
    await put(`${ID}.png`, SMALL);
    await put('named/Large.png', LARGE);
  });

  afterEach(async () => {
    await expect.poll(() => agent.store.openHandles).toBe(0);
    await agent.stop();
  });

  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    const init = { method: 'PUT', headers: { authorization: `Bearer ${KEY}` }, body: new Uint8Array(bytes) };
    const response = await fetch(`${agent.url}/api/v1/images/${path}?overwrite=true`, init);
    if (response.status !== 201) throw new Error(await response.text());
  };
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    fetch(`${agent.url}/${path}`, { method, headers });
  const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

  it('sends a generated name as immutable, with its type, its hash and a closed policy', async () => {
    const response = await get(`${ID}.png`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(SMALL.length),
      'cache-control': 'public, max-age=31536000, immutable',
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/) as string,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect((await bytesOf(response)).equals(SMALL)).toBe(true);
  });

  it('sends a large named image whole, and lets caches ask each time', async () => {
    const response = await get('named/Large.png');
    expect([response.headers.get('cache-control'), response.headers.get('content-length')]).toEqual([
      'no-cache',
      String(LARGE.length),
    ]);
    expect((await bytesOf(response)).equals(LARGE)).toBe(true);
  });

  it('answers HEAD with the headers alone', async () => {
    const response = await get('named/Large.png', {}, 'HEAD');
    expect([response.status, response.headers.get('content-length'), (await bytesOf(response)).length]).toEqual([
      200,
      String(LARGE.length),
      0,
    ]);
  });

  it('finds a path in any case, as the old servers did', async () => {
    expect((await bytesOf(await get('NAMED/large.PNG'))).equals(LARGE)).toBe(true);
  });

  it('answers 304 to who has these bytes', async () => {
    const first = await get(`${ID}.png`);
    const [etag, modified] = [first.headers.get('etag') ?? '', first.headers.get('last-modified') ?? ''];
    // Not by fetch, which adds a no-cache of its own to a condition.
    const conditional = async (header: string): Promise<number> =>
      (await rawRequest(agent.port, { head: `GET /${ID}.png HTTP/1.1\r\n${header}` })).status;
    expect(await conditional(`If-None-Match: ${etag}`)).toBe(304);
    expect(await conditional(`If-Modified-Since: ${modified}`)).toBe(304);
    expect(await conditional('If-None-Match: "other"')).toBe(200);
  });

  it.each([
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, LARGE.length - 1],
    ['bytes=-5', LARGE.length - 5, LARGE.length - 1],
    ['bytes=2990000-99999999', 2_990_000, LARGE.length - 1],
  ])('sends the range %s', async (range, start, end) => {
    const response = await get('named/Large.png', { range });
    expect([response.status, response.headers.get('content-range')]).toEqual([
      206,
      `bytes ${String(start)}-${String(end)}/${String(LARGE.length)}`,
    ]);
    expect((await bytesOf(response)).equals(LARGE.subarray(start, end + 1))).toBe(true);
  });

  it.each([['bytes=0-1,5-9'], ['bytes=x'], ['lines=0-3']])('sends the whole for the range %s', async (range) => {
    const response = await get(`${ID}.png`, { range });
    expect([response.status, (await bytesOf(response)).length]).toEqual([200, SMALL.length]);
  });

  it('refuses a range outside the image', async () => {
    const response = await get(`${ID}.png`, { range: 'bytes=999999-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${String(SMALL.length)}`]);
    expect(await response.json()).toMatchObject({ code: 'RANGE_INVALID' });
    expect(response.headers.get('etag')).toBeNull();
  });

  it('sends a range only while If-Range still fits', async () => {
    const etag = (await get(`${ID}.png`)).headers.get('etag') ?? '';
    expect((await get(`${ID}.png`, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await get(`${ID}.png`, { range: 'bytes=0-1', 'if-range': '"old"' })).status).toBe(200);
  });

  it('serves the new bytes, with their own hash, after an overwrite', async () => {
    const before = (await get('named/Large.png')).headers.get('etag');
    await put('named/Large.png', SMALL);
    const after = await get('named/Large.png');
    expect(after.headers.get('etag')).not.toBe(before);
    expect((await bytesOf(after)).equals(SMALL)).toBe(true);
  });

  it('never pairs old bytes with a new record while a name is overwritten all the time', async () => {
    const versions = [pngImage({ seed: 3, sizeBytes: 9000 }), pngImage({ seed: 4, sizeBytes: 9000 })];
    await put('n.png', versions[0] ?? SMALL);
    const etags = new Map<string, Buffer>();
    for (const bytes of versions) {
      await put('n.png', bytes);
      etags.set((await get('n.png')).headers.get('etag') ?? '', bytes);
    }
    const writing = (async () => {
      for (let round = 0; round < 40; round += 1) await put('n.png', versions[round % 2] ?? SMALL);
    })();
    for (let round = 0; round < 60; round += 1) {
      const response = await get('n.png');
      expect(etags.get(response.headers.get('etag') ?? '')?.equals(await bytesOf(response))).toBe(true);
    }
    await writing;
  });

  it('answers a damaged or missing copy with its code, never with its bytes', async () => {
    await agent.store.damage(`${ID}.png`, SMALL.subarray(0, 100));
    const damaged = await get(`${ID}.png`);
    expect([damaged.status, await damaged.json()]).toMatchObject([500, { code: 'OWN_COPY_DAMAGED' }]);
    await agent.store.lose('named/Large.png');
    const missing = await get('named/Large.png');
    expect([missing.status, await missing.json()]).toMatchObject([500, { code: 'OWN_COPY_MISSING' }]);
  });

  it('answers who asks for this server’s own copy with it, or with 504', async () => {
    const own = { 'cache-control': 'max-age=0, only-if-cached' };
    expect((await get(`${ID}.png`, own)).status).toBe(200);
    const missing = await get('nothing.png', own);
    expect([missing.status, await missing.json()]).toMatchObject([504, { code: 'COPY_NOT_HERE' }]);
  });

  it.each([['nothing.png'], ['robots.txt'], ['favicon.ico'], ['2014/4/15/x.jpg']])(
    'answers 404 for %s',
    async (path) => {
      const response = await get(path);
      expect([response.status, await response.json()]).toMatchObject([404, { code: 'IMAGE_NOT_FOUND' }]);
    },
  );

  it.each([['/%2e%2e/a.png'], ['/a%00.png'], ['/a%5cb.png'], ['//a.png'], ['/%zz.png'], ['/x/../a.png']])(
    'refuses the path %s',
    async (path) => {
      const { status, body } = await rawRequest(agent.port, { head: `GET ${path} HTTP/1.1` });
      expect([status, body]).toEqual([400, expect.stringContaining('"code":"PATH_INVALID"')]);
    },
  );

  it.each([['/.imagefleet-id'], ['/%2eimagefleet-id'], ['/2026/.imagefleet-id']])(
    'never sends the file that tells servers apart: %s',
    async (path) => {
      const { status } = await rawRequest(agent.port, { head: `GET ${path} HTTP/1.1` });
      expect(status).toBe(400);
    },
  );

  it('closes the file when the client goes in the middle', async () => {
    await put('huge.png', pngImage({ seed: 5, sizeBytes: 20_000_000 }));
    const socket = connect(agent.port, '127.0.0.1');
    socket.write('GET /huge.png HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    expect(agent.store.openHandles).toBe(1);
    socket.destroy();
    await expect.poll(() => agent.store.openHandles).toBe(0);
  });
});

describe('the first request for an image that is on another server', () => {
  let agent: TestAgent;
  let fetches: number;

  beforeEach(async () => {
    fetches = 0;
    agent = await startTestAgent({ fetchCopy: (path) => bring(path) });
  });

  afterEach(async () => {
    await expect.poll(() => agent.store.openHandles).toBe(0);
    await agent.stop();
  });

  /** As the pull does it, from a server that has LARGE under every path but one. */
  const bring = async (path: ImagePath): Promise<FetchedCopy> => {
    fetches += 1;
    if (path.includes('nowhere')) return { kind: 'absent', isCertain: true };
    const { stagingName, sha256, sizeBytes } = await agent.store.stage(chunks(LARGE), { maxBytes: LARGE.length });
    await agent.store.publish(stagingName, path);
    const fields = { mediaType: 'image/png', originalName: '', createdAt: 1, version: VERSION };
    await agent.catalog.merge([{ record: { kind: 'present', path, sha256, sizeBytes, ...fields }, stagingName: null }]);
    return { kind: 'kept', sizeBytes };
  };
  const ask = (path: string, head = '', method = 'GET') =>
    rawRequest(agent.port, { head: `${method} /${path} HTTP/1.1${head === '' ? '' : `\r\n${head}`}` });

  it('gets the whole, or the range it asks for', async () => {
    const whole = await fetch(`${agent.url}/${ID}.png`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(LARGE)).toBe(true);
    const range = await fetch(`${agent.url}/other.png`, { headers: { range: 'bytes=1000000-1000009' } });
    expect([range.status, range.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000000-1000009/${String(LARGE.length)}`,
    ]);
    expect(Buffer.from(await range.arrayBuffer()).equals(LARGE.subarray(1_000_000, 1_000_010))).toBe(true);
    expect(fetches).toBe(2);
  });

  it('is answered by its headers to HEAD, by 304 to who has the bytes, and by 416 outside the image', async () => {
    const head = await fetch(`${agent.url}/a.png`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(LARGE.length)]);
    const etag = head.headers.get('etag') ?? '';
    expect((await ask('b.png', `If-None-Match: ${etag}`)).status).toBe(304);
    expect((await ask('c.png', 'Range: bytes=99999999-')).status).toBe(416);
    expect(fetches).toBe(3);
  });

  it('is one fetch however many ask, and none for a while after nobody had it', async () => {
    await Promise.all(Array.from({ length: 10 }, () => ask('d.png')));
    expect(fetches).toBe(1);
    for (let round = 0; round < 3; round += 1) expect((await ask('nowhere.png')).status).toBe(404);
    expect(fetches).toBe(2);
  });
});

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  await Promise.resolve();
}
