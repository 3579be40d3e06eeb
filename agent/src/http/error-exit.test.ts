import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, startTestAgent, type TestAgent } from './testing/test-agent.ts';
import { rawRequest, type RawAnswer } from './testing/raw-client.ts';

const MB = 1024 * 1024;

describe('a refusal reaches a client that writes its whole body before it reads', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ limits: { fileSize: '1MB' }, drainLimits: { maxBytes: 8 * MB, maxMs: 200 } });
  });

  afterEach(async () => {
    await expect.poll(() => agent.store.staged()).toEqual([]);
    await agent.stop();
  });

  const send = (path: string, sizeBytes: number, headers = ''): Promise<RawAnswer> => {
    const start = Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n');
    const body = Buffer.concat([start, Buffer.alloc(sizeBytes, 1), Buffer.from('\r\n--b--\r\n')]);
    const type = 'Content-Type: multipart/form-data; boundary=b';
    return rawRequest(agent.port, {
      head: `POST ${path} HTTP/1.1\r\n${type}\r\nContent-Length: ${String(body.length)}${headers}`,
      body,
    });
  };

  it.each([
    ['a wrong key', '/do.ashx?action=upload&SecurityKey=no', 401, 'KEY_WRONG'],
    ['a file above the limit', `/do.ashx?action=upload&SecurityKey=${KEY}`, 413, 'FILE_TOO_LARGE'],
    ['no key in the new API', '/api/v1/images', 401, 'KEY_MISSING'],
    ['an address where nothing is', '/nothing', 404, 'NOT_FOUND'],
  ])('for 5 MB and %s', async (_, path, status, code) => {
    const answer = await send(path, 5 * MB);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(code)]);
  });

  it('for 5 MB by PUT above the limit', async () => {
    const body = Buffer.concat([pngImage({ seed: 1 }), Buffer.alloc(5 * MB)]);
    const head = `PUT /api/v1/images/a.png HTTP/1.1\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: ${String(body.length)}`;
    const answer = await rawRequest(agent.port, { head, body });
    expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('FILE_TOO_LARGE')]);
  });

  it('with Expect: 100-continue that is not waited for, as WebClient does', async () => {
    const answer = await send(`/do.ashx?action=upload&SecurityKey=${KEY}`, 5 * MB, '\r\nExpect: 100-continue');
    expect(answer.head + answer.body).toContain('FILE_TOO_LARGE');
  });

  it('for a body longer than is drained, and then the connection ends', async () => {
    const answer = await send('/do.ashx?action=upload&SecurityKey=no', 40 * MB);
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('KEY_WRONG')]);
    expect(answer.head.toLowerCase()).toContain('connection: close');
  });

  it('for a body that stands still, after the time is over', async () => {
    const head =
      'POST /do.ashx?action=upload&SecurityKey=no HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000';
    const answer = await rawRequest(agent.port, { head, body: Buffer.alloc(10) });
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('KEY_WRONG')]);
  });
});
