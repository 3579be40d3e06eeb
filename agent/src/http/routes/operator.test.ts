import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { OPERATOR_API } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry, ServerEntry, StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { KEY, startTestAgent, type TestAgent } from '../testing/test-agent.ts';
import { aVerifyReport } from '#services/testing/verify-report.ts';
import { rawRequest } from '../testing/raw-client.ts';

const PNG = pngImage({ seed: 1 });
const READER = 'a-key-that-only-reads';
const UNWATCHED = { since: null, warmUpLeftMs: null, isAgent: true, address: null };
const DOWN = { code: 'PEER_DOWN', message: 'no answer' } as const;

describe('the calls of the OperatorApi table', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ peers: ['s2'], keys: [{ name: 'reader', key: READER, roles: ['read'] }] });
  });

  afterEach(() => agent.stop());

  const call = async <T>(
    path: string,
    options: { body?: unknown; key?: string; method?: string } = {},
  ): Promise<T & { status: number }> => {
    const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
    const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const headers = { authorization: `Bearer ${options.key ?? KEY}` };
    const response = await fetch(`${agent.url}/api/v1${path}`, {
      method,
      headers,
      ...(options.body !== undefined && { body }),
    });
    return { ...((await response.json()) as T), status: response.status };
  };
  const upload = async (name: string, seed = 1): Promise<StoredImage> => {
    const body = new FormData();
    body.append('file', new Blob([new Uint8Array(pngImage({ seed }))]), name);
    const response = await fetch(`${agent.url}/api/v1/images`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body,
    });
    const { images } = (await response.json()) as { images: StoredImage[] };
    if (images[0] === undefined) throw new Error('not stored');
    return images[0];
  };
  const put = (path: string): Promise<Response> =>
    fetch(`${agent.url}/api/v1/images/${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${KEY}` },
      body: new Uint8Array(PNG),
    });

  it('a proof is a document to be kept', async () => {
    agent.repair.own = { records: 1, images: 1, bytes: 7, oldestMs: 0, digest: 'a'.repeat(64) };
    const response = await fetch(`${agent.url}/api/v1/proof`, { headers: { authorization: `Bearer ${READER}` } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="imagefleet-proof.json"');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('\n  "result": "same"');
    expect(JSON.parse(text)).toMatchObject({ servers: [{ server: 's1', bytes: 7 }] });
  });

  it('only operators start a run, and everybody who reads sees its report', async () => {
    agent.repair.report = aVerifyReport();
    expect(await call('/verify', { body: {}, key: READER })).toMatchObject({ status: 403 });
    expect(await call('/verify', { body: { waitSeconds: 1 } })).toMatchObject({ status: 202, id: 'run-1' });
    expect(await call('/verify', { body: { waitSeconds: 600 } })).toMatchObject({ status: 400 });
    expect(await call('/verify', { key: READER })).toMatchObject({ status: 200, report: { id: 'run-1' } });
  });

  it('every row has a route, and asks for its role', async () => {
    for (const { http, path } of Object.values(OPERATOR_API)) {
      const concrete = path.replace('*path', 'a/b.png');
      const response = await fetch(`${agent.url}/api/v1${concrete}`, {
        method: http,
        headers: { authorization: 'Bearer wrong' },
      });
      expect([path, response.status, await response.json()]).toMatchObject([path, 401, { code: 'KEY_WRONG' }]);
    }
    expect(await call('/deliveries', { key: READER })).toMatchObject({ status: 403, code: 'ROLE_MISSING' });
    expect((await call('/servers', { key: READER })).status).toBe(200);
  });

  it('looks images up by hash, and claims only those whose file is there', async () => {
    const [there, lost] = [await upload('a.png', 1), await upload('b.png', 2)];
    await agent.store.lose(lost.path);
    const body = { sha256: [there.sha256, lost.sha256, 'f'.repeat(64)] };
    expect(await call('/images/lookup', { body })).toEqual({
      status: 200,
      images: [{ sha256: there.sha256, path: there.path, link: there.link, sizeBytes: there.sizeBytes }],
      clock: { at: expect.any(Number) as number, timeZone: 'Asia/Shanghai' },
      limits: { fileSizeBytes: 200 * 1024 ** 2, filesPerRequest: 1000, mediaTypes: expect.any(Array) as string[] },
    });
  });

  it('lists images page by page, by prefix, by day and by name', async () => {
    for (const path of ['x/a.png', 'x/b.png', 'y/c.png']) await put(path);
    await put('2026/7/8/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1.png');
    const paths = async (query: string): Promise<string[]> =>
      (await call<{ images: StoredImage[] }>(`/images?${query}`)).images.map(({ path }) => path);
    const first = await call<{ images: StoredImage[]; next: string }>('/images?prefix=x/&limit=1');
    expect([first.images.map(({ path }) => path), first.next]).toEqual([['x/a.png'], 'x/a.png']);
    const second = await call<{ images: StoredImage[]; next: null }>(`/images?prefix=x/&limit=1&cursor=${first.next}`);
    expect([second.images.map(({ path }) => path), second.next]).toEqual([['x/b.png'], null]);
    expect(await paths('day=2026-07-08')).toEqual(['2026/7/8/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1.png']);
    expect(await paths('day=2026-07-08&prefix=2026/7/8/5')).toHaveLength(1);
    expect(await paths('day=2026-07-08&prefix=x/')).toEqual([]);
    expect(await paths('q=c.png')).toEqual(['y/c.png']);
  });

  it('tells one image with its state on every server', async () => {
    await put('logos/%E5%BA%97%2B.png');
    agent.catalog.rows.splice(
      0,
      1,
      ...agent.catalog.rows.map((row) => ({ ...row, state: 'dead' as const, cause: DOWN })),
    );
    expect(await call('/images/logos/%E5%BA%97%2B.png')).toMatchObject({
      status: 200,
      path: 'logos/店+.png',
      replicas: [
        { server: 's1', state: 'stored' },
        { server: 's2', state: 'failed', code: 'PEER_DOWN' },
      ],
    });
    expect(await call('/images/logos/none.png')).toMatchObject({ status: 404, code: 'IMAGE_NOT_FOUND' });
    expect(
      (await rawRequest(agent.port, { head: `GET /api/v1/images/a%2fb.png HTTP/1.1\r\nAuthorization: Bearer ${KEY}` }))
        .status,
    ).toBe(400);
  });

  it('lists all problems of an input with their places', async () => {
    expect(await call<{ message: string }>('/images?limit=0&day=tomorrow')).toMatchObject({
      ...{ status: 400, code: 'INPUT_INVALID' },
      message: expect.stringMatching(/^(?=.*day: )(?=.*limit: )/) as string,
    });
    expect(await call('/deliveries/replay', { body: {} })).toMatchObject({
      status: 400,
      code: 'INPUT_INVALID',
      message: expect.stringContaining('say what') as string,
    });
  });

  it.each([
    ['no JSON', '{', 'INPUT_INVALID'],
    ['no object', '[1]', 'INPUT_INVALID'],
    ['nested deep', `{"sha256":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'INPUT_INVALID'],
    ['too long', `{"x":"${'x'.repeat(1_100_000)}"}`, 'INPUT_INVALID'],
  ])('refuses a body that is %s', async (_, body, code) => {
    expect(await call('/images/lookup', { body })).toMatchObject({ status: 400, code });
  });

  it('lists deliveries with the state that only memory knows, page by page', async () => {
    agent.replication.addPeer('s3', DOWN);
    await upload('a.png', 1);
    await upload('b.png', 2);
    agent.replication.inflight.add(agent.catalog.rows[0]?.id ?? 0);
    const list = async (query: string): Promise<[string, string][]> =>
      (await call<{ deliveries: DeliveryEntry[] }>(`/deliveries?${query}`)).deliveries.map(({ server, state }) => [
        server,
        state,
      ]);
    expect(await list('')).toEqual([
      ['s2', 'inflight'],
      ['s3', 'parked'],
      ['s2', 'pending'],
      ['s3', 'parked'],
    ]);
    expect(await list('state=inflight')).toEqual([['s2', 'inflight']]);
    expect(await list('state=pending')).toEqual([['s2', 'pending']]);
    expect(await list('cause=PEER_DOWN&server=s3&limit=1')).toEqual([['s3', 'parked']]);
    expect(await list('cause=none&server=s3')).toEqual([]);
    expect(await list('cause=none&limit=1')).toEqual([['s2', 'inflight']]);
    expect(await call('/deliveries?cause=NONE')).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    const ids = [0, 1].map((index) => String(agent.catalog.rows[index]?.id));
    expect(await list(`ids=${ids.join(',')}`)).toHaveLength(2);
    for (const wrong of ['1,', 'x', '', Array(1001).fill('1').join(',')]) {
      expect(await call(`/deliveries?ids=${wrong}`)).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    }
    const page = await call<{ deliveries: DeliveryEntry[]; next: string }>('/deliveries?limit=3');
    expect(page.deliveries).toHaveLength(3);
    expect(await list(`cursor=${page.next}`)).toEqual([['s3', 'parked']]);
    expect(await call('/deliveries?cursor=x')).toMatchObject({ status: 400, code: 'INPUT_INVALID' });
    expect(await call('/deliveries/summary')).toMatchObject({
      groups: [
        { source: 's1', server: 's2', state: 'pending', code: null, count: 2, autoRetry: true },
        { server: 's3', state: 'parked', code: 'PEER_DOWN', count: 2 },
      ],
      ...{ total: 4, silent: [] },
    });
  });

  it('replays by server and cause, and names peers that do not answer', async () => {
    agent.replication.replayOutcome = { ids: [1, 2], unreachable: ['s2'] };
    expect(await call('/deliveries/replay', { body: { server: 's2', cause: 'PEER_DOWN' } })).toEqual({
      status: 202,
      requeued: 2,
      unreachable: ['s2'],
      silent: [],
    });
    expect(await call('/deliveries/replay', { body: { cause: 'none' } })).toMatchObject({ status: 202 });
    expect(agent.replication.filters).toEqual([
      { ids: undefined, server: 's2', cause: 'PEER_DOWN' },
      { ids: undefined, server: undefined, cause: 'none' },
    ]);
    expect(await call('/deliveries/replay', { body: { server: 's9' } })).toMatchObject({
      status: 404,
      code: 'SERVER_UNKNOWN',
    });
  });

  it('lists servers as this one knows them: what it does not know is null', async () => {
    agent.replication.addPeer('s3', DOWN);
    await upload('a.png');
    const { servers } = await call<{ servers: ServerEntry[] }>('/servers');
    const none = { pending: 0, inflight: 0, failed: 0, parked: 0, dead: 0 };
    expect(servers).toEqual([
      {
        name: 's1',
        url: 'http://i-1.example.com',
        state: 'up',
        lagSeconds: null,
        backlog: null,
        disk: { freeBytes: 1e12, totalBytes: 2e12 },
        images: 1,
        unencrypted: true,
        cause: null,
        ...UNWATCHED,
        reseed: null,
      },
      {
        name: 's2',
        url: 'http://s2.example.com',
        state: 'up',
        lagSeconds: 0,
        backlog: { ...none, pending: 1 },
        disk: null,
        images: null,
        unencrypted: true,
        cause: null,
        ...UNWATCHED,
        reseed: null,
      },
      {
        name: 's3',
        url: 'http://s3.example.com',
        state: 'down',
        lagSeconds: 0,
        backlog: { ...none, parked: 1 },
        disk: null,
        images: null,
        unencrypted: true,
        cause: DOWN,
        ...UNWATCHED,
        reseed: null,
      },
    ]);
  });

  it('tells how far this server is with filling itself again', async () => {
    const reseed = { total: 300, done: 120, bytesDone: 5000, etaSeconds: null };
    const filling = await startTestAgent({ reseed });
    const response = await fetch(`${filling.url}/api/v1/servers`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(await response.json()).toMatchObject({ servers: [{ name: 's1', reseed }] });
    await filling.stop();
  });

  it('answers a wrong method with those that are right', async () => {
    const response = await fetch(`${agent.url}/api/v1/servers`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject([
      405,
      'GET, HEAD',
      { code: 'METHOD_NOT_ALLOWED' },
    ]);
    expect(await call('/nothing')).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
      hint: expect.stringContaining('/api/v1') as string,
    });
  });
});
