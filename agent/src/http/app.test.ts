import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { OPERATOR_API } from '@imagefleet/shared/common/operator/operator-api.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { rawRequest } from './testing/raw-client.ts';
import { KEY, startTestAgent, type TestAgent } from './testing/test-agent.ts';

const PNG = pngImage({ seed: 1 });
const OTHER = pngImage({ seed: 2 });
const AUTH = { authorization: `Bearer ${KEY}` };

/** The names under which requests were counted, but for that of the question itself. */
async function callsIn({ url }: TestAgent): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = [...text.matchAll(/^imagefleet_request_seconds_count\{call="([^"]*)"/gm)].map(
    (match) => match[1] ?? '',
  );
  return [...new Set(found)].filter((call) => call !== 'GET metrics');
}

describe('the HTTP face', () => {
  let agent: TestAgent;
  const logged: { level: string; event: string; fields: unknown }[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (event, fields) => logged.push({ level: 'warn', event, fields }),
    error: (event, fields) => logged.push({ level: 'error', event, fields }),
    debug: (event, fields) => logged.push({ level: 'debug', event, fields }),
  };

  beforeEach(async () => {
    logged.length = 0;
    agent = await startTestAgent({
      ...{ peers: ['s2'], logger },
      handlers: { listServers: () => Promise.reject(new Error('a secret of the inside')) },
    });
  });

  afterEach(() => agent.stop());

  it('says at / what it is', async () => {
    expect(await (await fetch(agent.url)).json()).toMatchObject({
      program: 'imagefleet',
      name: 's1',
      version: '0.0.0',
    });
  });

  it('tells a defect to the log with its stack, and to the client nothing of it', async () => {
    const response = await fetch(`${agent.url}/api/v1/servers`, { headers: AUTH });
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([500, { code: 'INTERNAL' }]);
    expect(text).not.toContain('secret');
    expect(logged.find(({ level }) => level === 'error')?.fields).toMatchObject({
      code: 'INTERNAL',
      error: { message: 'a secret of the inside' },
    });
  });

  it('never logs a key', async () => {
    await fetch(`${agent.url}/do.ashx?action=uploaderrors&SecurityKey=${KEY}`);
    await fetch(`${agent.url}/do.ashx?action=uploaderrors&SecurityKey=a-wrong-key`);
    await fetch(`${agent.url}/api/v1/deliveries`, { headers: AUTH });
    expect(logged.length).toBeGreaterThan(3);
    expect(JSON.stringify(logged)).not.toMatch(new RegExp(`${KEY}|a-wrong-key`));
  });

  it('is ready while it takes uploads, whatever its peers do, and live always', async () => {
    const ready = async (): Promise<[number, unknown]> => {
      const response = await fetch(`${agent.url}/health/ready`);
      return [response.status, await response.json()];
    };
    agent.replication.addPeer('s3', { code: 'PEER_DOWN', message: '' });
    expect(await ready()).toEqual([200, { ready: true }]);
    agent.store.freeBytes = 5;
    expect(await ready()).toEqual([503, { ready: false, reason: 'DISK_FULL' }]);
    agent.store.freeBytes = 1e12;
    agent.readiness.stopTaking();
    expect(await ready()).toEqual([503, { ready: false, reason: 'SHUTTING_DOWN' }]);
    expect((await fetch(`${agent.url}/health/live`)).status).toBe(200);
  });

  it('counts uploads, refusals and what is open for Prometheus', async () => {
    const body = new FormData();
    body.append('f', new Blob([new Uint8Array(PNG)]), 'a.png');
    await fetch(`${agent.url}/api/v1/images`, { method: 'POST', headers: AUTH, body });
    await fetch(`${agent.url}/api/v1/images`, { method: 'POST' });
    const text = await (await fetch(`${agent.url}/metrics`)).text();
    expect(text).toContain('imagefleet_uploads_total 1\n');
    expect(text).toContain(`imagefleet_upload_bytes_total ${String(PNG.length)}\n`);
    expect(text).toContain('imagefleet_refusals_total{code="KEY_MISSING"} 1\n');
    expect(text).toContain('imagefleet_deliveries_open{server="s2",state="pending"} 1\n');
    expect(text).toContain('imagefleet_peer_up{server="s2"} 1\n');
    expect(text).toContain('imagefleet_disk_free_bytes 1000000000000\n');
    expect(text).toContain('imagefleet_request_seconds_count{call="POST api/v1/images",status="2xx"} 1\n');
  });

  it.each([
    ['GET', '/2026/3/9/a.png', 'GET image'],
    ['GET', '/Console/assets/x.js', 'GET console'],
    ['HEAD', '/health/live', 'HEAD health'],
    ['POST', '/do.ashx?action=x', 'POST do.ashx'],
    ['POST', '/api/v1/images/lookup', 'POST api/v1/images'],
    ['DELETE', '/api/v1/session', 'DELETE api/v1/session'],
    ['GET', '/api/v1/events', 'GET api/v1/events'],
    // Who guesses must not fill the memory with names.
    ['GET', '/api/v1/guess', 'GET unknown'],
    ['PATCH', '/api/v1/imagesx', 'other unknown'],
    ['PROPFIND', '/a', 'other image'],
  ])('counts %s %s as the call "%s"', async (method, path, call) => {
    await (await fetch(`${agent.url}${path}`, { method })).arrayBuffer();
    expect(await callsIn(agent)).toEqual([call]);
  });

  it('counts every call of the API under its own name', async () => {
    for (const { path } of Object.values(OPERATOR_API)) {
      await (await fetch(`${agent.url}/api/v1${path.replaceAll(/[*:]/g, '')}`)).arrayBuffer();
    }
    const calls = await callsIn(agent);
    expect(calls).not.toContain('GET unknown');
    expect(calls).toContain('GET api/v1/deliveries');
  });

  it('hands the peer protocol over untouched', async () => {
    expect(await (await fetch(`${agent.url}/peer/v1/batch?x=1`, { method: 'POST', body: 'raw' })).text()).toBe(
      'peer /peer/v1/batch?x=1',
    );
  });

  it.each([
    ['DELETE', '/a.png', 404, 'NOT_FOUND'],
    ['POST', '/health/live', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/api/v2', 404, 'NOT_FOUND'],
    ['GET', '/peer/v2/x', 404, 'NOT_FOUND'],
    ['OPTIONS', '/a.png', 404, 'NOT_FOUND'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const response = await fetch(`${agent.url}${path}`, { method });
    expect([response.status, await response.json()]).toMatchObject([status, { code }]);
  });

  it('refuses headers beyond their limit and goes on', async () => {
    const { status } = await rawRequest(agent.port, { head: `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}` });
    expect(status).toBe(431);
    expect((await fetch(agent.url)).status).toBe(200);
  });
});

describe('the HTTP face over the real catalog', () => {
  let agent: TestAgent;
  let catalog: SqliteCatalog;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-app-'));
    catalog = new SqliteCatalog({ file: join(dir, 'catalog.sqlite') });
    await catalog.start(['s2']);
    agent = await startTestAgent({ catalog, peers: ['s2'] });
  });

  afterAll(async () => {
    expect(await agent.store.staged()).toEqual([]);
    await agent.stop();
    expect(await catalog.listStaged()).toEqual([]);
    await catalog.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const put = async (path: string, bytes: Uint8Array): Promise<unknown> => {
    const init = { method: 'PUT', headers: AUTH, body: new Uint8Array(bytes) };
    const response = await fetch(`${agent.url}/api/v1/images/${path}`, init);
    const { code, images } = (await response.json()) as { code?: string; images?: { path: string }[] };
    return code ?? images?.[0]?.path;
  };

  it('stores, refuses, overwrites and serves named images', async () => {
    expect(await put('a/Logo.png', PNG)).toBe('a/Logo.png');
    expect(await put('a/Logo.png', PNG)).toBe('a/Logo.png');
    expect(await put('a/Logo.png', OTHER)).toBe('PATH_TAKEN');
    expect(await put('a/logo.png?overwrite=true', OTHER)).toBe('PATH_CASE_TAKEN');
    expect(await put('a/Logo.png?overwrite=true', OTHER)).toBe('a/Logo.png');
    const served = await fetch(`${agent.url}/a/logo.PNG`);
    expect(Buffer.from(await served.arrayBuffer()).equals(OTHER)).toBe(true);
    expect(await catalog.deliveriesOf('a/Logo.png')).toHaveLength(1);
  });

  it('ends many writers of one path with one image, whole', async () => {
    const images = Array.from({ length: 12 }, (_, seed) => pngImage({ seed: seed + 10 }));
    const answers = await Promise.all(
      images.map((bytes, index) => put(`race.png${index % 3 === 0 ? '?overwrite=true' : ''}`, bytes)),
    );
    expect(answers.every((answer) => answer === 'race.png' || answer === 'PATH_TAKEN')).toBe(true);
    const served = Buffer.from(await (await fetch(`${agent.url}/race.png`)).arrayBuffer());
    expect(images.filter((bytes) => bytes.equals(served))).toHaveLength(1);
  });

  it('ends twenty retries of one id at the same time with one image and one delivery', async () => {
    const id = '2026/7/28/00000000-0000-4000-8000-000000000001';
    const post = async (): Promise<unknown> => {
      const body = new FormData();
      body.append('id', id);
      body.append('f', new Blob([new Uint8Array(PNG)]), 'a.png');
      const response = await fetch(`${agent.url}/api/v1/images`, { method: 'POST', headers: AUTH, body });
      return ((await response.json()) as { images: { path: string }[] }).images[0]?.path;
    };
    expect(new Set(await Promise.all(Array.from({ length: 20 }, post)))).toEqual(new Set([`${id}.png`]));
    expect(await catalog.deliveriesOf(`${id}.png`)).toHaveLength(1);
  });

  it('answers the lists of the operator API', async () => {
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${agent.url}/api/v1${path}`, { headers: AUTH })).json();
    expect(await get('/images?prefix=a/')).toMatchObject({ images: [{ path: 'a/Logo.png' }], next: null });
    expect(await get('/images/a/Logo.png')).toMatchObject({
      replicas: [{ state: 'stored' }, { server: 's2', state: 'pending' }],
    });
    expect(await get('/deliveries?limit=1&state=pending')).toMatchObject({
      deliveries: [{ source: 's1', server: 's2', state: 'pending' }],
    });
    expect(await get('/deliveries/summary')).toMatchObject({ total: 3 });
    expect(await get('/servers')).toMatchObject({ servers: [{ images: 3 }, { backlog: { pending: 3 } }] });
  });
});
