import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, startTestAgent, type TestAgent } from '../testing/test-agent.ts';
import { rawRequest } from '../testing/raw-client.ts';

const PNG = pngImage({ seed: 1 });
const OTHER = pngImage({ seed: 2 });
const LINK = /^http:\/\/i-1\.example\.com\/(\d{4}\/[1-9]\d?\/[1-9]\d?\/[0-9a-f-]{36}\.png)$/;

describe('do.ashx', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent({ limits: { fileSize: '1MB', filesPerRequest: 3 } });
  });

  afterEach(async () => {
    expect(await agent.store.staged()).toEqual([]);
    await agent.stop();
  });

  const upload = async (files: readonly [string, Uint8Array][], query = ''): Promise<Response> => {
    const body = new FormData();
    for (const [name, bytes] of files) body.append('any', new Blob([new Uint8Array(bytes)]), name);
    return fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}${query}`, { method: 'POST', body });
  };
  const pathIn = (link: string | undefined): string => LINK.exec(link ?? '')?.[1] ?? 'no link';
  /** One part whose headers are written byte by byte. */
  const raw = async (headers: string, encoding: BufferEncoding = 'utf8'): Promise<{ status: number; body: string }> => {
    const body = Buffer.concat([Buffer.from(`--b\r\n${headers}\r\n\r\n`, encoding), PNG, Buffer.from('\r\n--b--\r\n')]);
    return rawRequest(agent.port, {
      head: `POST /do.ashx?action=upload&SecurityKey=${KEY} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${String(body.length)}`,
      body,
    });
  };
  const storedNames = (): string[] =>
    [...agent.catalog.records.values()].flatMap((record) => (record.kind === 'present' ? [record.originalName] : []));

  it('answers one upload with exactly the old XML, and the link serves the bytes', async () => {
    const response = await upload([['照片.jpg', PNG]]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    const link = /^<resp><success>1<\/success><link>([^<]+)<\/link><\/resp>$/.exec(await response.text())?.[1];
    const served = await fetch(`${agent.url}/${pathIn(link)}`);
    expect(served.status).toBe(200);
    expect(Buffer.from(await served.arrayBuffer()).equals(PNG)).toBe(true);
    expect((await readFile(agent.store.pathOf(pathIn(link)))).equals(PNG)).toBe(true);
    expect(storedNames()).toEqual(['照片.jpg']);
  });

  it('answers one upload with exactly the old JSON', async () => {
    const text = await (await upload([['a.png', PNG]], '&format=json')).text();
    const { resp } = JSON.parse(text) as { resp: { link: string } };
    expect(text).toBe(`{"resp":{"success":1,"link":"${resp.link}"}}`);
    expect(resp.link).toMatch(LINK);
  });

  it('answers several files with their links in the order sent', async () => {
    const { resp } = (await (
      await upload(
        [
          ['a.png', PNG],
          ['b.png', OTHER],
          ['c.png', PNG],
        ],
        '&format=json',
      )
    ).json()) as { resp: { link: string; links: string[] } };
    expect(resp.link).toBe(resp.links[0]);
    const bytes = await Promise.all(resp.links.map((link) => readFile(agent.store.pathOf(pathIn(link)))));
    expect(bytes.map((each) => each.equals(OTHER))).toEqual([false, true, false]);
    expect(agent.catalog.writes).toBe(1);
    expect(
      await (
        await upload([
          ['a.png', PNG],
          ['b.png', OTHER],
        ])
      ).text(),
    ).toMatch(/<link>[^<]+<\/link><link>[^<]+<\/link><\/resp>$/);
  });

  it('stores none when one file is refused', async () => {
    const response = await upload([
      ['a.png', PNG],
      ['b.png', Buffer.from('text')],
      ['c.png', PNG],
    ]);
    expect(response.status).toBe(415);
    expect(await response.text()).toMatch(
      /^<resp><success>0<\/success><error code="NOT_AN_IMAGE">[^<]+<\/error><\/resp>$/,
    );
    expect(agent.catalog.records.size).toBe(0);
  });

  it.each([
    ['an unescaped quote', 'a"b.jpg', 'a"b.jpg'],
    ['an escaped quote', 'a\\"b.jpg', 'a"b.jpg'],
    ['a whole Windows path', 'C:\\dir\\照片 1.jpg', '照片 1.jpg'],
    ['a percent sign and a hash', '50%#1.jpg', '50%#1.jpg'],
    ['no extension', 'photo', 'photo'],
    ['a semicolon', 'a;b.jpg', 'a;b.jpg'],
    ['only dots', '..', '..'],
    ['an equals sign after a quote', 'a"; b.jpg', 'a"; b.jpg'],
  ])('takes a file name with %s', async (_, name, expected) => {
    const { status } = await raw(
      `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream`,
    );
    expect(status).toBe(200);
    expect(storedNames()).toEqual([expected]);
  });

  it('takes a name in the encoded form of RFC 5987, and one in GBK', async () => {
    expect(
      (await raw(`Content-Disposition: form-data; name="file"; filename="x.jpg"; filename*=utf-8''%E4%BD%A0.jpg`))
        .status,
    ).toBe(200);
    const gbk = Buffer.concat([
      Buffer.from('Content-Disposition: form-data; name="file"; filename="'),
      Buffer.from('c4e3bac3', 'hex'),
      Buffer.from('.jpg"'),
    ]);
    expect((await raw(gbk.toString('latin1'), 'latin1')).status).toBe(200);
    expect(storedNames()).toEqual(['你.jpg', '你好.jpg']);
  });

  it('reads action, format and SecurityKey in any case, and its own name too', async () => {
    const body = new FormData();
    body.append('f', new Blob([new Uint8Array(PNG)]), 'a.png');
    const response = await fetch(`${agent.url}/DO.ashx?ACTION=Upload&Format=JSON&securitykey=${KEY}`, {
      method: 'POST',
      body,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ resp: { success: 1 } });
  });

  it.each([
    ['an unknown action', `action=drop&SecurityKey=${KEY}`, 400, '<error code="ACTION_UNKNOWN">'],
    ['an unknown action in JSON', `action=drop&format=json&SecurityKey=${KEY}`, 400, '"code":"ACTION_UNKNOWN"'],
    ['no action', '', 400, '<error code="ACTION_UNKNOWN">'],
    ['an unknown format', `action=upload&format=yaml&SecurityKey=${KEY}`, 400, '<error code="FORMAT_UNKNOWN">'],
    ['no key', 'action=upload', 401, '<error code="KEY_MISSING">'],
    ['a wrong key', 'action=upload&SecurityKey=no', 401, '<error code="KEY_WRONG">'],
  ])('refuses %s', async (_, query, status, text) => {
    const body = new FormData();
    body.append('f', new Blob([new Uint8Array(PNG)]), 'a.png');
    const response = await fetch(`${agent.url}/do.ashx?${query}`, { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  it('refuses an upload by GET and names the method', async () => {
    const response = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('refuses an empty file, a form without a file, too many files and a file that is too large', async () => {
    expect(await (await upload([['a.png', Buffer.alloc(0)]])).text()).toContain('EMPTY_FILE');
    const none = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}`, {
      method: 'POST',
      body: (() => {
        const form = new FormData();
        form.append('x', 'y');
        return form;
      })(),
    });
    expect(await none.text()).toContain('NO_FILE');
    expect(
      await (
        await upload([
          ['1.png', PNG],
          ['2.png', PNG],
          ['3.png', PNG],
          ['4.png', PNG],
        ])
      ).text(),
    ).toContain('TOO_MANY_FILES');
    const large = await upload([['a.png', Buffer.concat([PNG, Buffer.alloc(2 * 1024 * 1024)])]]);
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('FILE_TOO_LARGE')]);
    expect(agent.catalog.records.size).toBe(0);
  });

  it('refuses a body that is no form, and one that ends early', async () => {
    const plain = await fetch(`${agent.url}/do.ashx?action=upload&SecurityKey=${KEY}`, {
      method: 'POST',
      body: 'hello',
    });
    expect([plain.status, await plain.text()]).toEqual([400, expect.stringContaining('BODY_MALFORMED')]);
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'),
      PNG,
    ]);
    const head = `POST /do.ashx?action=upload&SecurityKey=${KEY} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${String(body.length)}`;
    const cut = await rawRequest(agent.port, { head, body });
    expect([cut.status, cut.body]).toEqual([400, expect.stringContaining('BODY_MALFORMED')]);
  });

  it('answers uploaderrors with what was delivered in the call and what is still open', async () => {
    agent.replication.addPeer('s2', { code: 'PEER_DOWN', message: 'down' });
    await upload([['a.png', PNG]]);
    await upload([['b.png', OTHER]]);
    const [first, second] = agent.catalog.rows;
    agent.replication.replayOutcome = { ids: [first?.id ?? 0, second?.id ?? 0], unreachable: [] };
    agent.replication.onReplay = () => {
      setTimeout(() => {
        agent.catalog.rows.shift();
        const settled = { path: '', version: '', server: 's2', cause: null };
        agent.replication.announce([
          { ...settled, id: first?.id ?? 0, state: 'delivered' },
          { ...settled, id: second?.id ?? 0, state: 'parked' },
        ]);
      }, 5);
    };
    const response = await fetch(`${agent.url}/do.ashx?action=uploaderrors&SecurityKey=${KEY}`);
    expect(await response.text()).toBe(
      '<resp><success>1</success><replayed>1</replayed><remaining>1</remaining></resp>',
    );
    agent.replication.onReplay = () => undefined;
    agent.replication.replayOutcome = { ids: [], unreachable: ['s2'] };
    const json = await fetch(`${agent.url}/do.ashx?action=uploaderrors&format=json&SecurityKey=${KEY}`, {
      method: 'POST',
    });
    expect(await json.text()).toBe('{"resp":{"success":1,"replayed":0,"remaining":1}}');
  });
});
