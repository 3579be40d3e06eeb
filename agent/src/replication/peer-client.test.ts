import { afterEach, describe, expect, it } from 'vitest';
import {
  readBody,
  startStubServer,
  type StubHandler,
  type StubServer,
} from '@imagefleet/shared/testing/stub-server.ts';
import { encodeBatch } from './batch-encoder.ts';
import { PeerClient } from './peer-client.ts';

let stub: StubServer | undefined;
let client: PeerClient;

async function clientOf(handler: StubHandler, limitMs?: number): Promise<PeerClient> {
  stub = await startStubServer(handler);
  return clientAt(stub.url, limitMs);
}

/** The limit is short only where it is what a test is about: elsewhere a busy machine would reach it. */
function clientAt(url: string, limitMs = 10_000): PeerClient {
  client = new PeerClient({
    ...{ peer: { name: 's2', url, securityKey: 'the key of s2' }, self: () => ({ id: 'a', name: 's1' }) },
    ...{ now: Date.now, stallMs: limitMs, helloMs: limitMs },
  });
  return client;
}

const BATCH = encodeBatch([]);
const push = (to: PeerClient, signal = AbortSignal.timeout(5000)) => to.push(BATCH, 0, signal);

afterEach(async () => {
  client.close();
  await stub?.close();
  stub = undefined;
});

describe('the peer client', () => {
  it("says PEER_UNREACHABLE, with the system's cause, where nobody listens", async () => {
    await expect(push(clientAt('http://127.0.0.1:1'))).rejects.toMatchObject({
      ...{ code: 'PEER_UNREACHABLE', message: 'no connection to s2 at http://127.0.0.1:1 (ECONNREFUSED)' },
      cause: { code: 'ECONNREFUSED' },
    });
    await expect(clientAt('http://no-such-host.invalid').hello(AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: expect.stringMatching(/^PEER_(UNREACHABLE|TIMEOUT)$/) as string,
    });
  });

  it('says PEER_UNREACHABLE when the connection breaks before the answer', async () => {
    const peer = await clientOf((request) => void request.socket.destroy());
    await expect(push(peer)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['of known length', { 'content-length': '50' }],
    ['in chunks', {}],
  ])('says PEER_UNREACHABLE when an answer %s breaks off, whoever it is from', async (_, headers) => {
    const peer = await clientOf((_request, response) => {
      response.writeHead(200, headers).write('{"outcomes":', () => response.socket?.end());
    });
    await expect(push(peer)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it('says PEER_TIMEOUT when nothing moves, for a push and for a hello', async () => {
    const peer = await clientOf(() => undefined, 100);
    await expect(push(peer)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
    await expect(peer.hello(new AbortController().signal)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
  });

  it('says SHUTTING_DOWN when the caller cancels', async () => {
    const cancel = new AbortController();
    const peer = await clientOf(() => {
      cancel.abort();
    });
    await expect(push(peer, cancel.signal)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it.each<[string, StubHandler]>([
    ['a page', (_, response) => void response.end('<html>')],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['an unsigned error', (_, response) => void response.writeHead(503).end('{"error":{"code":"SHUTTING_DOWN"}}')],
    ['a 401 of somebody else', (_, response) => void response.writeHead(401).end('{"error":{"code":"KEY_WRONG"}}')],
    ['no HTTP', (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n')],
    ['an answer without end', (_, response) => void response.end(Buffer.alloc(17 * 1024 * 1024))],
  ])('says PEER_ANSWER_INVALID to %s', async (_, handler) => {
    await expect(push(await clientOf(handler))).rejects.toMatchObject({ code: 'PEER_ANSWER_INVALID' });
  });

  it('believes the one unsigned refusal that a peer cannot sign', async () => {
    const peer = await clientOf(async (request, response) => {
      await readBody(request);
      response.writeHead(401).end('{"error":{"code":"PEER_KEY_WRONG","message":"no"}}');
    });
    await expect(push(peer)).rejects.toMatchObject({ code: 'PEER_KEY_WRONG' });
  });

  it('never sends the key', async () => {
    let seen = '';
    const peer = await clientOf(async (request, response) => {
      seen = `${JSON.stringify(request.headers)}${(await readBody(request)).toString()}`;
      response.end();
    });
    await push(peer).catch(() => undefined);
    expect(seen).toContain('x-imagefleet-signature');
    expect(seen).not.toContain('the key of s2');
  });
});
