import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { eventually, KEY, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { form, imagesOnDisk, leftInTmp, type SentFile } from './support/upload.ts';

const PNG = pngImage({ seed: 1 });
const MB = 1024 * 1024;

describe('bad input gets a clear error with a code, and leaves nothing behind', () => {
  let dir: string;
  let agent: AgentProcess;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agent = (await makeFleet(dir, 1, { limits: { fileSize: '200MB', freeSpaceFloor: '1MB' } }))[0] as AgentProcess;
    await agent.start();
  });

  afterAll(async () => {
    expect((await fetch(`${agent.url}/health/ready`)).status).toBe(200);
    await eventually('tmp empty', 5000, async () => (await leftInTmp(agent)).length === 0);
    expect((await imagesOnDisk(agent)).size).toBe(0);
    expect(await agent.log()).not.toContain('INTERNAL');
    await agent.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const legacy = async (files: readonly SentFile[], query = ''): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}${query}`, {
      method: 'POST',
      body: form(files),
    });
    return { status: response.status, text: await response.text() };
  };

  it.each([
    ['an empty file', { name: 'a.jpg', bytes: Buffer.alloc(0) }, 400, 'EMPTY_FILE'],
    ['a text file named .jpg', { name: 'a.jpg', bytes: Buffer.from('hello, I am text') }, 415, 'NOT_AN_IMAGE'],
    [
      'an SVG',
      { name: 'a.svg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>') },
      415,
      'SVG_REFUSED',
    ],
    ['a web page', { name: 'a.png', bytes: Buffer.from('<!doctype html><html></html>') }, 415, 'NOT_AN_IMAGE'],
  ])('%s', async (_, file, status, code) => {
    const answer = await legacy([file]);
    expect(answer).toMatchObject({ status });
    expect(answer.text).toMatch(new RegExp(`^<resp><success>0</success><error code="${code}">[^<]+</error></resp>$`));
  });

  it('all or none: one bad file among good ones stores none', async () => {
    const answer = await legacy([
      { name: 'a.png', bytes: PNG },
      { name: 'b.png', bytes: Buffer.from('no') },
      { name: 'c.png', bytes: PNG },
    ]);
    expect(answer.status).toBe(415);
    expect((await imagesOnDisk(agent)).size).toBe(0);
  });

  it('300 MB where 200 MB are allowed', { timeout: 60_000 }, async () => {
    const answer = await legacy([{ name: 'big.png', bytes: Buffer.concat([PNG, Buffer.alloc(300 * MB)]) }]).catch(
      (error: unknown) => error,
    );
    expect(answer).toMatchObject({ status: 413 });
    expect((answer as { text: string }).text).toContain('FILE_TOO_LARGE');
  });

  it('10,000 parts', async () => {
    const data = new FormData();
    for (let index = 0; index < 10_000; index += 1)
      data.append('file', new Blob([new Uint8Array(PNG)]), `${String(index)}.png`);
    const response = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}`, {
      method: 'POST',
      body: data,
    });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('TOO_MANY_FILES');
  });

  it.each([
    ['unknown action', '/do.ashx?action=drop&SecurityKey=', 400, 'ACTION_UNKNOWN'],
    ['no action', '/do.ashx?SecurityKey=', 400, 'ACTION_UNKNOWN'],
    ['unknown format', '/do.ashx?action=upload&format=yaml&SecurityKey=', 400, 'FORMAT_UNKNOWN'],
  ])('%s', async (_, path, status, code) => {
    const response = await fetch(`${agent.url}${path}${KEY}`, {
      method: 'POST',
      body: form([{ name: 'a.png', bytes: PNG }]),
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(code);
  });

  it('a wrong key and a missing key, in both forms', async () => {
    const wrong = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=nope`, {
      method: 'POST',
      body: form([{ name: 'a.png', bytes: PNG }]),
    });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain('<error code="KEY_WRONG">');
    const missing = await fetch(`${agent.url}/do.ashx?action=upload&format=json`, {
      method: 'POST',
      body: form([{ name: 'a.png', bytes: PNG }]),
    });
    expect(missing.status).toBe(401);
    expect(await missing.json()).toMatchObject({ resp: { success: 0, error: { code: 'KEY_MISSING' } } });
  });

  it('a truncated multipart body', async () => {
    const socket = connect(agent.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), PNG]);
    socket.write(
      `POST /do.ashx?action=upload&SecurityKey=${KEY} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${String(body.length)}\r\n\r\n`,
    );
    socket.write(body);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await eventually('an answer', 10_000, () => Promise.resolve(answer.includes('</resp>')));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('BODY_MALFORMED');
  });

  it('a client that goes away in the middle', async () => {
    const socket = connect(agent.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /do.ashx?action=upload&SecurityKey=${KEY} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n`,
    );
    socket.write('--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n');
    socket.write(Buffer.concat([PNG, Buffer.alloc(2 * MB)]));
    await eventually('the upload has begun', 5000, async () => (await leftInTmp(agent)).length > 0);
    socket.destroy();
    await eventually('nothing left', 5000, async () => (await leftInTmp(agent)).length === 0);
  });

  it.each([
    '/api/v1/images/../a.png',
    '/api/v1/images/%2e%2e/a.png',
    '/api/v1/images/%252e%252e/a.png',
    '/api/v1/images/a%2f..%2fb.png',
    '/api/v1/images/a%5cb.png',
    '/api/v1/images/a%00.png',
    '/api/v1/images/CON.png',
    '/api/v1/images/x/aux.jpg',
    '/api/v1/images/a.png.',
    '/api/v1/images/a%20/b.png',
    '/api/v1/images/api/b.png',
    '/api/v1/images/.m/b.png',
    '/api/v1/images/a:b.png',
    '/api/v1/images/%c0%ae%c0%ae/b.png',
    `/api/v1/images/${'a'.repeat(201)}.png`,
    '/api/v1/images/a.exe',
    '/api/v1/images/a//b.png',
  ])('the forbidden path %s', async (path) => {
    const socket = connect(agent.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `PUT ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: ${String(PNG.length)}\r\nConnection: close\r\n\r\n`,
    );
    socket.write(PNG);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 (400|404|405) /);
    expect(answer).toMatch(/"code":"(PATH_INVALID|NOT_FOUND|METHOD_NOT_ALLOWED)"/);
  });
});
