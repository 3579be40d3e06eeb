import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, startTestAgent, type TestAgent } from './testing/test-agent.ts';
import { rawRequest } from './testing/raw-client.ts';

const PNG = pngImage({ seed: 1 });
const HEAD = `POST /do.ashx?action=upload&SecurityKey=${KEY} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b`;

describe('reading multipart/form-data', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ limits: { filesPerRequest: 100 } });
  });

  afterEach(async () => {
    await expect.poll(() => agent.store.staged()).toEqual([]);
    expect(await (await fetch(`${agent.url}/health/live`)).json()).toEqual({ live: true });
    await agent.stop();
  });

  const part = (headers: string, bytes: Uint8Array = PNG): Buffer =>
    Buffer.concat([Buffer.from(`--b\r\n${headers}\r\n\r\n`), bytes, Buffer.from('\r\n')]);
  const FILE = 'Content-Disposition: form-data; name="f"; filename="a.png"';
  const send = async (parts: readonly Buffer[], end = '--b--\r\n'): Promise<[number, string]> => {
    const body = Buffer.concat([...parts, Buffer.from(end)]);
    const { status, body: text } = await rawRequest(agent.port, {
      head: `${HEAD}\r\nContent-Length: ${String(body.length)}`,
      body,
    });
    return [status, /code="(\w+)"/.exec(text)?.[1] ?? text.replaceAll(/<link>[^<]*<\/link>/g, 'L')];
  };

  it('takes a hundred files, and refuses ten thousand parts', async () => {
    const file = part(FILE);
    expect(await send(Array<Buffer>(100).fill(file))).toEqual([
      200,
      `<resp><success>1</success>${'L'.repeat(100)}</resp>`,
    ]);
    expect(await send(Array<Buffer>(10_000).fill(part(FILE, PNG.subarray(0, 100))))).toEqual([413, 'TOO_MANY_FILES']);
    expect(
      await send(Array<Buffer>(10_000).fill(part('Content-Disposition: form-data; name="x"', Buffer.from('y')))),
    ).toEqual([413, 'TOO_MANY_FILES']);
    expect(agent.catalog.records.size).toBe(100);
  });

  it('takes text fields beside the file, and a part without a name', async () => {
    expect(
      await send([
        part('Content-Disposition: form-data; name="a[b][]"', Buffer.from('x')),
        part('Content-Disposition: form-data; filename="a.png"'),
      ]),
    ).toEqual([200, '<resp><success>1</success>L</resp>']);
  });

  it.each([
    [
      'a text field beyond its limit',
      [part('Content-Disposition: form-data; name="x"', Buffer.alloc(5000, 97))],
      '--b--\r\n',
      'INPUT_INVALID',
    ],
    ['a broken part header', [part('Content-Disposition form-data')], '--b--\r\n', 'BODY_MALFORMED'],
    ['a header without end', [part(`X: ${'x'.repeat(40_000)}`)], '--b--\r\n', 'BODY_MALFORMED'],
    ['a body that ends inside a file', [part(FILE)], '', 'BODY_MALFORMED'],
    ['a body that ends inside a header', [Buffer.from('--b\r\nContent-Disp')], '', 'BODY_MALFORMED'],
    ['another boundary than announced', [Buffer.from('--c\r\n\r\nx\r\n--c--')], '', 'BODY_MALFORMED'],
    ['a file without a name', [part('Content-Disposition: form-data; name="f"; filename=""')], '--b--\r\n', 'NO_FILE'],
  ])('refuses %s', async (_, parts, end, code) => {
    expect(await send(parts, end)).toEqual([400, code]);
  });

  it('discards what it has when the client goes in the middle of the second file', async () => {
    const socket = connect(agent.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${HEAD}\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n`);
    socket.write(Buffer.concat([part(FILE), Buffer.from(`--b\r\n${FILE}\r\n\r\n`), Buffer.alloc(500_000)]));
    await expect.poll(async () => (await agent.store.staged()).length).toBe(2);
    socket.destroy();
    await expect.poll(() => agent.store.staged()).toEqual([]);
    expect(agent.catalog.records.size).toBe(0);
  });

  it('gives every byte through, also where the body looks like a boundary', async () => {
    const nasty = Buffer.concat([PNG, Buffer.from('\r\n--\r\n--a\r\n-'), Buffer.alloc(200_000, '\r\n-'), PNG]);
    expect((await send([part(FILE, nasty)]))[0]).toBe(200);
    const [record] = await agent.catalog.listImages({ limit: 1 });
    const served = await fetch(`${agent.url}/${record?.path ?? ''}`);
    expect(Buffer.from(await served.arrayBuffer()).equals(nasty)).toBe(true);
  });
});
