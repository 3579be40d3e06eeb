import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answerJson,
  startStubServer,
  type StubHandler,
  type StubServer,
} from '@imagefleet/shared/testing/stub-server.ts';
import { httpEventStreams, type OpenedStream, type StreamMessage } from './event-stream.ts';

/** From the list of the Fetch standard (2.9, bad ports), and nobody listens there. */
const BROWSERS_REFUSE = 1;

describe('an event stream over HTTP', () => {
  let stub: StubServer | undefined;
  let abort = new AbortController();
  let messages: StreamMessage[] = [];
  afterEach(async () => {
    abort.abort();
    await stub?.close();
    abort = new AbortController();
    messages = [];
  });

  async function open(handler: StubHandler, lastEventId?: string): Promise<OpenedStream> {
    stub = await startStubServer(handler);
    return httpEventStreams(() => 'K')({
      ...{ server: `${stub.url}/`, lastEventId, signal: abort.signal },
      onMessage: (message) => messages.push(message),
    });
  }
  function begin(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
  }

  it('asks with the key and from where to go on, and reads messages however they are cut', async () => {
    const asked: unknown[] = [];
    const { ended } = await open((request, response) => {
      asked.push(request.url, request.headers.authorization, request.headers['last-event-id']);
      begin(response);
      const bytes = Buffer.from('retry: 2000\n\nevent: ping\ndata: {}\n\nid: e-1\nevent: image\ndata: "图片"\n\n');
      let at = 0;
      const timer = setInterval(() => {
        if (at < bytes.length) response.write(bytes.subarray(at, (at += 7)));
        else {
          clearInterval(timer);
          response.end();
        }
      }, 1);
    }, 'e-0');
    expect(asked).toEqual(['/api/v1/events', 'Bearer K', 'e-0']);
    expect(await ended).toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect(messages).toEqual([
      { kind: 'ping', data: '{}', id: '' },
      { kind: 'image', data: '"图片"', id: 'e-1' },
    ]);
  });

  it('ends when the connection breaks, and when it is not wanted any more', async () => {
    const broken = await open((_, response) => {
      begin(response);
      setTimeout(() => response.destroy(), 5);
    });
    expect((await broken.ended).code).toBe('PEER_UNREACHABLE');
    await stub?.close();
    const unwanted = await open((_, response) => begin(response));
    abort.abort();
    expect((await unwanted.ended).code).toBe('PEER_UNREACHABLE');
  });

  it('gives up a message without an end', async () => {
    const { ended } = await open((_, response) => {
      begin(response);
      response.write('data: ');
      const timer = setInterval(() => response.write('x'.repeat(64 * 1024)), 1);
      response.once('close', () => clearInterval(timer));
    });
    expect((await ended).code).toBe('PEER_ANSWER_INVALID');
    expect(messages).toEqual([]);
  });

  it("fails with the server's own error, and says when the answer is no stream", async () => {
    const refused = open((_, response) => answerJson(response, 429, { code: 'RATE_LIMITED', message: 'too many' }));
    await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED', message: 'too many' });
    await stub?.close();
    const page = open((_, response) => void response.writeHead(502).end('<html>'));
    await expect(page).rejects.toMatchObject({ code: 'PEER_FAILED' });
    await stub?.close();
    const other = open((_, response) => answerJson(response, 200, {}));
    await expect(other).rejects.toMatchObject({ code: 'PEER_ANSWER_INVALID' });
  });

  it('carries the key to nobody whom a server names', async () => {
    const moved = open((_, response) => void response.writeHead(307, { Location: 'http://127.0.0.1:9/' }).end());
    await expect(moved).rejects.toMatchObject({ code: 'PEER_ANSWER_INVALID' });
  });

  it('takes an address with a user, and tells nobody the password', async () => {
    const asked: unknown[] = [];
    stub = await startStubServer((request, response) => {
      asked.push(request.headers.authorization);
      answerJson(response, 502, {});
    });
    const server = stub.url.replace('http://', 'http://anna:s3cret@');
    const request = { server, lastEventId: undefined, onMessage: () => undefined, signal: abort.signal };
    const refused = httpEventStreams(() => 'K')(request);
    const error = await refused.then(String, String);
    expect([error.includes('127.0.0.1'), error.includes('s3cret')]).toEqual([true, false]);
    expect(asked).toEqual([`Basic ${Buffer.from('anna:s3cret').toString('base64')}`]);
  });

  it('takes ports that browsers refuse', async () => {
    const server = `http://127.0.0.1:${String(BROWSERS_REFUSE)}`;
    const request = { server, lastEventId: undefined, onMessage: () => undefined, signal: abort.signal };
    const tried = httpEventStreams(() => 'K')(request);
    await expect(tried).rejects.toThrow('ECONNREFUSED');
  });

  it('fails when nobody listens', async () => {
    stub = await startStubServer(() => undefined);
    const { url } = stub;
    await stub.close();
    stub = undefined;
    const request = { server: url, lastEventId: undefined, onMessage: () => undefined, signal: abort.signal };
    await expect(httpEventStreams(() => undefined)(request)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });
});
