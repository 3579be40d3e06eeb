import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { StoredImage } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { KEY, startTestAgent, type TestAgent } from '../testing/test-agent.ts';

const PNG = pngImage({ seed: 1 });
const OTHER = pngImage({ seed: 2 });
const ID = '2026/7/28/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1';
const AUTH = { authorization: `Bearer ${KEY}` };

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly images: readonly (StoredImage & { readonly error?: { readonly code: string } })[];
}

describe('POST /api/v1/images', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ peers: ['s2', 's3'], limits: { fileSize: '1MB' } });
  });

  afterEach(async () => {
    expect(await agent.store.staged()).toEqual([]);
    expect(agent.replication.listenerCount).toBe(0);
    await agent.stop();
  });

  const post = async (parts: readonly (Uint8Array | string)[], query = ''): Promise<Answer> => {
    const body = new FormData();
    for (const [index, part] of parts.entries()) {
      if (typeof part === 'string') body.append('id', part);
      else body.append('file', new Blob([new Uint8Array(part)]), `${String(index)}.png`);
    }
    const response = await fetch(`${agent.url}/api/v1/images${query}`, { method: 'POST', headers: AUTH, body });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  };

  it('answers 201 with the receipt: this server holds it, the peers will', async () => {
    const { status, images } = await post([PNG]);
    expect(status).toBe(201);
    expect(images).toEqual([
      {
        path: expect.stringMatching(/^\d{4}\/\d{1,2}\/\d{1,2}\/[0-9a-f-]{36}\.png$/) as string,
        link: `http://i-1.example.com/${images[0]?.path ?? ''}`,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        sizeBytes: PNG.length,
        mediaType: 'image/png',
        originalName: '0.png',
        replicas: [
          { server: 's1', state: 'stored' },
          { server: 's2', state: 'pending' },
          { server: 's3', state: 'pending' },
        ],
      },
    ]);
    expect(agent.replication.wakes).toBe(1);
  });

  it('says why a copy waits, and notes deliveries that were born parked', async () => {
    agent.replication.addPeer('s4', { code: 'PEER_DOWN', message: 'no answer' });
    const { images } = await post([PNG]);
    expect(images[0]?.replicas[3]).toEqual({ server: 's4', state: 'pending', code: 'PEER_DOWN' });
    expect(agent.replication.noted).toMatchObject([{ server: 's4', path: images[0]?.path }]);
  });

  it('keeps the place of a refused file and answers 207', async () => {
    const { status, images } = await post([PNG, Buffer.from('text'), OTHER, Buffer.alloc(0)]);
    expect(status).toBe(207);
    expect(images.map((image) => image.error?.code ?? 'stored')).toEqual([
      'stored',
      'NOT_AN_IMAGE',
      'stored',
      'EMPTY_FILE',
    ]);
    expect(images[1]?.originalName).toBe('1.png');
    expect(agent.catalog.writes).toBe(1);
  });

  it('goes on after a file that is too large', async () => {
    const { status, images } = await post([Buffer.concat([PNG, Buffer.alloc(3 * 1024 * 1024)]), PNG]);
    expect([status, ...images.map((image) => image.error?.code ?? 'stored')]).toEqual([
      207,
      'FILE_TOO_LARGE',
      'stored',
    ]);
  });

  it('answers a lone refused file with its own status', async () => {
    expect(await post([Buffer.from('text')])).toMatchObject({ status: 415, code: 'NOT_AN_IMAGE' });
  });

  it('gives the same image for the same id, and applies an id to the next file only', async () => {
    const first = await post([ID, PNG, OTHER]);
    expect(first.images[0]?.path).toBe(`${ID}.png`);
    expect(first.images[1]?.path).not.toContain(ID);
    agent.catalog.rows.length = 0;
    const again = await post([ID, PNG]);
    expect(again.status).toBe(201);
    expect(again.images[0]).toMatchObject({
      path: `${ID}.png`,
      replicas: [{ state: 'stored' }, { state: 'stored' }, { state: 'stored' }],
    });
    expect(agent.catalog.rows).toEqual([]);
  });

  it('refuses other bytes under a taken id, also within one request', async () => {
    expect((await post([ID, PNG, ID, OTHER, ID, PNG])).images.map((image) => image.error?.code ?? image.path)).toEqual([
      `${ID}.png`,
      'ID_TAKEN',
      `${ID}.png`,
    ]);
    expect(await post([ID, OTHER])).toMatchObject({ status: 409, code: 'ID_TAKEN' });
    expect((await readFile(agent.store.pathOf(`${ID}.png`))).equals(PNG)).toBe(true);
  });

  it.each([['not/an/id'], ['2026/07/28/5310bcaf-0f8a-45c5-9a61-9bf45b5e09c1'], ['../../../etc/passwd']])(
    'refuses the id %s',
    async (id) => {
      expect(await post([id, PNG])).toMatchObject({ status: 400, code: 'ID_INVALID' });
    },
  );

  it('refuses two ids before one file', async () => {
    expect(await post([ID, ID, PNG])).toMatchObject({ code: 'ID_INVALID' });
  });

  it('waits for the copies that ack asks for', async () => {
    const waiting = post([PNG], '?ack=2&wait=10s');
    await expect.poll(() => agent.catalog.rows.length).toBe(2);
    const [row] = agent.catalog.rows;
    if (row === undefined) throw new Error('no row');
    await agent.catalog.settle([{ id: row.id, version: row.version, to: { state: 'delivered' } }]);
    agent.replication.announce([{ ...row, state: 'delivered' }]);
    const { status, images } = await waiting;
    expect(status).toBe(201);
    expect(images[0]?.replicas.map(({ state }) => state)).toEqual(['stored', 'stored', 'pending']);
  });

  it('answers 202 when the time is over before the copies are there', async () => {
    expect((await post([PNG], '?ack=all&wait=20ms')).status).toBe(202);
  });

  it.each([
    ['?ack=4', 'ACK_TOO_HIGH'],
    ['?ack=0', 'INPUT_INVALID'],
    ['?ack=many', 'INPUT_INVALID'],
    ['?ack=2&wait=6m', 'INPUT_INVALID'],
    ['?ack=2&wait=30', 'INPUT_INVALID'],
  ])('refuses %s', async (query, code) => {
    expect(await post([PNG], query)).toMatchObject({ status: 400, code });
    expect(agent.catalog.records.size).toBe(0);
  });

  it('refuses an upload that would go below the floor, before its bytes are taken', async () => {
    agent.store.freeBytes = 1024 ** 3 + 10;
    expect(await post([PNG])).toMatchObject({ status: 507, code: 'DISK_FULL' });
  });

  it('refuses uploads while it is stopping', async () => {
    agent.readiness.stopTaking();
    expect(await post([PNG])).toMatchObject({ status: 503, code: 'SHUTTING_DOWN' });
  });
});

describe('a server that receives one upload at a time', () => {
  it('takes others while one that is stored waits for its copies', async () => {
    const agent = await startTestAgent({ peers: ['s2'], limits: { concurrentUploads: 1 } });
    const gone = new AbortController();
    const put = (query: string, signal?: AbortSignal): Promise<Response> =>
      fetch(`${agent.url}/api/v1/images/${query}`, {
        method: 'PUT',
        headers: AUTH,
        body: new Uint8Array(PNG),
        ...(signal && { signal }),
      });
    const waiting = put('a.png?ack=2&wait=5m', gone.signal).catch(() => 'gone');
    await expect.poll(() => agent.catalog.rows.length).toBe(1);
    const posting = new FormData();
    posting.append('file', new Blob([new Uint8Array(OTHER)]), 'b.png');
    const post = fetch(`${agent.url}/api/v1/images?ack=2&wait=5m`, {
      ...{ method: 'POST', headers: AUTH, body: posting, signal: gone.signal },
    }).catch(() => 'gone');
    await expect.poll(() => agent.catalog.rows.length).toBe(2);
    expect((await put('c.png')).status).toBe(201);
    gone.abort();
    expect([await waiting, await post]).toEqual(['gone', 'gone']);
    await expect.poll(() => agent.replication.listenerCount).toBe(0);
    await agent.stop();
  });
});

describe('PUT /api/v1/images/<path>', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ peers: ['s2'] });
  });

  afterEach(async () => {
    expect(await agent.store.staged()).toEqual([]);
    await agent.stop();
  });

  const put = async (path: string, bytes: Uint8Array): Promise<Answer> => {
    const response = await fetch(`${agent.url}/api/v1/images/${path}`, {
      method: 'PUT',
      headers: AUTH,
      body: new Uint8Array(bytes),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  };

  it('stores an image under the path of its caller', async () => {
    const { status, images } = await put('logos/%E5%BA%97.png', PNG);
    expect(status).toBe(201);
    expect(images[0]).toMatchObject({
      path: 'logos/店.png',
      originalName: '店.png',
      link: 'http://i-1.example.com/logos/%E5%BA%97.png',
    });
    expect((await readFile(agent.store.pathOf('logos/店.png'))).equals(PNG)).toBe(true);
  });

  it('takes equal bytes again, refuses others, and overwrites when told to, keeping the old ones', async () => {
    await put('a.png', PNG);
    expect((await put('a.png', PNG)).status).toBe(201);
    expect(await put('a.png', OTHER)).toMatchObject({ status: 409, code: 'PATH_TAKEN' });
    expect((await put('a.png?overwrite=true', OTHER)).status).toBe(201);
    expect((await readFile(agent.store.pathOf('a.png'))).equals(OTHER)).toBe(true);
    expect(await agent.store.trashed()).toHaveLength(1);
    expect((await agent.catalog.find('a.png'))?.version).not.toBe(undefined);
  });

  it.each([
    ['a.jpg', 'NOT_AN_IMAGE', 415],
    ['a.exe', 'PATH_INVALID', 400],
    ['a%2fb.png', 'PATH_INVALID', 400],
    ['api/a.png', 'PATH_INVALID', 400],
    ['a.png?overwrite=perhaps', 'INPUT_INVALID', 400],
  ])('refuses %s', async (path, code, status) => {
    expect(await put(path, PNG)).toMatchObject({ status, code });
  });

  it('refuses a path that differs in case only', async () => {
    await put('Logo.png', PNG);
    expect(await put('logo.png?overwrite=true', OTHER)).toMatchObject({ status: 409, code: 'PATH_CASE_TAKEN' });
  });

  it('never overwrites a generated name', async () => {
    await put(`${ID}.png`, PNG);
    expect(await put(`${ID}.png?overwrite=true`, OTHER)).toMatchObject({ status: 409, code: 'PATH_TAKEN' });
  });

  it('leaves nothing when the client goes in the middle', async () => {
    const socket = connect(agent.port, '127.0.0.1');
    socket.write(
      `PUT /api/v1/images/a.png HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 9000000\r\n\r\n`,
    );
    socket.write(Buffer.concat([PNG, Buffer.alloc(3_000_000)]));
    await expect.poll(async () => (await agent.store.staged()).length).toBe(1);
    socket.destroy();
    await expect.poll(() => agent.store.staged()).toEqual([]);
    expect(agent.catalog.records.size).toBe(0);
  });

  it('refuses an empty body and asks for the key', async () => {
    expect(await put('a.png', Buffer.alloc(0))).toMatchObject({ status: 400, code: 'EMPTY_FILE' });
    const response = await fetch(`${agent.url}/api/v1/images/a.png`, { method: 'PUT', body: new Uint8Array(PNG) });
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'KEY_MISSING' }]);
  });
});
