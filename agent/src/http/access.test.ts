import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { Browser, exchange, type BrowserRequest } from './testing/browser.ts';
import { KEY, startTestAgent, type TestAgent } from './testing/test-agent.ts';

const READER = 'a-key-that-only-reads';
const PNG = pngImage({ seed: 1 });
const FORM = {
  headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  body: '--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nx\r\n--b--\r\n',
};
/** Every kind of route that changes something, with what it answers to somebody who is let in. */
const CHANGES: readonly (readonly [string, string, BrowserRequest, string | undefined])[] = [
  ['POST', '/api/v1/deliveries/replay', { body: { all: true } }, undefined],
  ['PUT', '/api/v1/servers/s2/maintenance', { body: { on: true } }, 'SERVER_UNKNOWN'],
  ['POST', '/api/v1/images', FORM, 'NOT_AN_IMAGE'],
  ['PUT', '/api/v1/images/a.png', { body: 'x' }, 'NOT_AN_IMAGE'],
];

describe('the way into the API', () => {
  let agent: TestAgent;
  let browser: Browser;
  const logged: unknown[] = [];
  const keep = (...line: unknown[]): void => void logged.push(line);
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => logger };

  const begin = async (options: Parameters<typeof startTestAgent>[0] = {}): Promise<void> => {
    logged.length = 0;
    browser = new Browser();
    const keys = [{ name: 'reader', key: READER, roles: ['read'] }];
    agent = await startTestAgent({ keys, peers: ['s2'], logger, ...options });
  };
  afterEach(() => agent.stop());

  const send = async (method: string, path: string, options: BrowserRequest = {}): Promise<string | number> => {
    const { status, json } = await browser.send(agent.url + path, { method, ...options });
    return (json as { code?: string } | undefined)?.code ?? status;
  };

  describe('by the cookie of a session', () => {
    beforeEach(async () => {
      await begin();
      await browser.send(`${agent.url}/api/v1/session`, { method: 'POST', body: { key: KEY } });
    });

    it('leads to every call that reads, also when it is typed into the browser', async () => {
      for (const path of ['servers', 'images', 'deliveries', 'deliveries/summary', 'failure-log', 'verify']) {
        expect([path, await send('GET', `/api/v1/${path}`)]).toEqual([path, 200]);
        expect([path, await send('GET', `/api/v1/${path}`, { page: null })]).toEqual([path, 200]);
      }
    });

    it('takes images', async () => {
      const { headers, body } = { ...FORM, body: FORM.body.replace('\r\nx\r\n', `\r\nGIF89a${'\0'.repeat(20)}\r\n`) };
      expect(await send('POST', '/api/v1/images', { headers, body })).toBe(201);
    });

    it.each(CHANGES)('%s %s is for the own page alone', async (method, path, options, code) => {
      expect(await send(method, path, options)).toBe(code ?? 202);
      const other = 'http://127.0.0.1:1';
      for (const page of [other, 'null', `${agent.url}.evil.example`, agent.url.replace('http:', 'https:')]) {
        const headers = { Cookie: browser.cookies(agent.url).join('; '), ...options.headers };
        expect([page, await send(method, path, { ...options, headers, page })]).toEqual([page, 'ORIGIN_FOREIGN']);
      }
      expect(await send(method, path, { ...options, page: null })).toBe('ORIGIN_FOREIGN');
      const contradiction = { ...options.headers, 'Sec-Fetch-Site': 'same-site' };
      expect(await send(method, path, { ...options, headers: contradiction })).toBe('ORIGIN_FOREIGN');
      expect(logged).not.toContainEqual(['warn', expect.anything()]);
    });

    it('ends for events with the session', async () => {
      const cookie = browser.cookies(agent.url).join('; ');
      const response = await fetch(`${agent.url}/api/v1/events`, { headers: { cookie } });
      expect(response.status).toBe(200);
      const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
      await reader.read();
      await browser.send(`${agent.url}/api/v1/session`, { method: 'DELETE' });
      agent.events.publish('server', 's2', { state: 'up' });
      expect(await reader.read()).toMatchObject({ done: true });
    });

    it('gives way to a key that stands beside it', async () => {
      const withKey = (key: string): BrowserRequest => ({ headers: { authorization: `Bearer ${key}` }, body: {} });
      expect(await send('POST', '/api/v1/verify', withKey(READER))).toBe('ROLE_MISSING');
      expect(await send('GET', '/api/v1/servers', { headers: { authorization: 'Bearer wrong' } })).toBe('KEY_WRONG');
      // A program needs no Origin, and a page that knows the key needs no own one.
      const foreign = { ...withKey(KEY), page: 'https://tools.example' };
      expect(await send('POST', '/api/v1/deliveries/replay', { ...foreign, body: { all: true } })).toBe(202);
    });

    it('does not lead to do.ashx', async () => {
      const { status, text } = await browser.send(`${agent.url}/do.ashx?action=uploaderrors`);
      expect([status, text]).toEqual([401, expect.stringContaining('KEY_MISSING')]);
      const withKey = await browser.send(`${agent.url}/do.ashx?action=uploaderrors&SecurityKey=${KEY}`, {
        method: 'POST',
        page: 'https://shop.example',
      });
      expect(withKey.status).toBe(200);
    });
  });

  it('has for a session the roles of its key', async () => {
    await begin();
    await browser.send(`${agent.url}/api/v1/session`, { method: 'POST', body: { key: READER } });
    expect(await send('GET', '/api/v1/servers')).toBe(200);
    for (const [method, path, options] of CHANGES) expect(await send(method, path, options)).toBe('ROLE_MISSING');
    expect(await send('GET', '/api/v1/deliveries')).toBe('ROLE_MISSING');
  });

  it('refuses without key and cookie, and a cookie that nobody gave', async () => {
    await begin();
    expect(await send('GET', '/api/v1/servers')).toBe('KEY_MISSING');
    await browser.send(`${agent.url}/api/v1/session`, { method: 'POST', body: { key: KEY } });
    const [name = ''] = (browser.cookies(agent.url)[0] ?? '').split('=');
    const made = await exchange(`${agent.url}/api/v1/servers`, { headers: { cookie: `${name}=made-up` } });
    expect([made.status, made.json]).toMatchObject([401, { code: 'SESSION_MISSING' }]);
    const other = await exchange(`${agent.url}/api/v1/servers`, { headers: { cookie: 'imagefleet_other=x' } });
    expect(other.json).toMatchObject({ code: 'KEY_MISSING' });
  });

  it('writes neither key nor token nor cookie into the log', async () => {
    await begin();
    const made = await exchange(`${agent.url}/api/v1/session/links`, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${KEY}` } },
    });
    const token = (made.json as { url: string }).url.replace(/^.*#token=/, '');
    const secrets = [KEY, READER, token, 'a-wrong-key', 'a-wrong-token'];
    const session = `${agent.url}/api/v1/session`;
    for (const body of [{ key: KEY }, { token }, { token }, { key: 'a-wrong-key' }, { token: 'a-wrong-token' }]) {
      await browser.send(session, { method: 'POST', body });
      secrets.push(...browser.cookies(session).map((cookie) => cookie.replace(/^.*=/, '')));
    }
    await browser.send(session, { method: 'POST', body: `{"key":"${KEY}"` });
    await browser.send(session, { method: 'POST', body: { key: KEY, more: 1 } });
    await browser.send(session);
    await browser.send(session, { method: 'DELETE' });
    const text = JSON.stringify(logged, (_, value: unknown) => (value instanceof Error ? String(value) : value));
    expect(text).toContain('session.begun');
    expect(text).toContain('session.refused');
    for (const secret of new Set(secrets)) expect(text).not.toContain(secret);
  });

  describe('where no key is configured', () => {
    beforeEach(() => begin({ securityKey: null, keys: [] }));

    it.each(CHANGES)(
      '%s %s is for programs and the own page, for no other page',
      async (method, path, options, code) => {
        const program = await exchange(agent.url + path, {
          ...{ method, headers: options.headers ?? {} },
          body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
        });
        expect((program.json as { code?: string }).code).toBe(code);
        expect(await send(method, path, options)).toBe(code ?? 202);
        for (const page of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
          expect(await send(method, path, { ...options, page })).toBe('ORIGIN_FOREIGN');
        }
      },
    );

    it('is closed to a page whose own name was led to this machine', async () => {
      const host = `evil.example:${String(agent.port)}`;
      const headers = { Host: host, Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' };
      const body = JSON.stringify({ all: true });
      const answer = await exchange(`${agent.url}/api/v1/deliveries/replay`, { method: 'POST', headers, body });
      expect(answer.json).toMatchObject({ code: 'ORIGIN_FOREIGN' });
      const own = { Host: 'i-1.example.com', Origin: 'http://i-1.example.com' };
      const known = await exchange(`${agent.url}/api/v1/deliveries/replay`, { method: 'POST', headers: own, body });
      expect(known.status).toBe(202);
    });

    it('keeps do.ashx from other pages by any method, and leaves reading as it was', async () => {
      for (const method of ['GET', 'POST']) {
        const options = { method, page: 'https://evil.example' };
        const { status, text } = await browser.send(`${agent.url}/do.ashx?action=uploaderrors`, options);
        expect([status, text]).toEqual([403, expect.stringContaining('ORIGIN_FOREIGN')]);
      }
      expect((await exchange(`${agent.url}/do.ashx?action=uploaderrors`, {})).status).toBe(200);
      expect(await send('GET', '/api/v1/servers', { page: 'https://evil.example' })).toBe(200);
    });
  });

  it('serves images to every page', async () => {
    await begin();
    const headers = { authorization: `Bearer ${KEY}` };
    await fetch(`${agent.url}/api/v1/images/a.png`, { method: 'PUT', headers, body: new Uint8Array(PNG) });
    expect(await send('GET', '/a.png', { page: 'https://shop.example' })).toBe(200);
  });
});
