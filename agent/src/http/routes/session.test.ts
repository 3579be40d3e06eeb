import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { SESSION_LIFETIME_MS } from '#services/console-sessions.ts';
import { LINK_LIFETIME_MS } from '#services/login-links.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { Browser, exchange, type BrowserAnswer } from '../testing/browser.ts';
import { KEY, startTestAgent, type TestAgent, type TestAgentOptions } from '../testing/test-agent.ts';

const READER = 'a-key-that-only-reads';
const READER_ENTRY = { name: 'dashboard', key: READER, roles: ['read'] };

describe('the login at the console', () => {
  const agents: TestAgent[] = [];
  let browser: Browser;
  let now: number;
  let monotonic: number;

  beforeEach(() => {
    browser = new Browser();
    now = Date.UTC(2026, 2, 9);
    monotonic = 0;
  });
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  });

  const start = async (options: TestAgentOptions = {}): Promise<string> => {
    const clocks = { now: () => now, monotonic: () => monotonic };
    const agent = await startTestAgent({ keys: [READER_ENTRY], ...clocks, ...options });
    agents.push(agent);
    return agent.url;
  };
  const login = (url: string, body: object, page?: string): Promise<BrowserAnswer> =>
    browser.send(`${url}/api/v1/session`, { method: 'POST', body, ...(page !== undefined && { page }) });
  const makeLink = async (url: string, key = KEY): Promise<string> => {
    const headers = { authorization: `Bearer ${key}` };
    const { json } = await exchange(`${url}/api/v1/session/links`, { method: 'POST', headers });
    return (json as { url: string }).url;
  };
  const tokenOf = (link: string): string => new URL(link).hash.replace('#token=', '');
  const whoAmI = async (url: string): Promise<readonly [number, unknown]> => {
    const { status, json } = await browser.send(`${url}/api/v1/session`);
    return [status, json];
  };

  it('takes a key, gives a cookie that scripts and other sites cannot use, and says who is logged in', async () => {
    const peers = [{ name: 's2', url: 'http://10.0.0.2:7401', securityKey: 'k' }];
    const url = await start({ configuredPeers: peers });
    const answer = await login(url, { key: READER });
    const expiresAt = now + SESSION_LIFETIME_MS;
    const session = { server: 's1', keyName: 'dashboard', roles: ['read'], expiresAt };
    expect([answer.status, answer.json]).toEqual([200, session]);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^imagefleet_[0-9a-f]{12}=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/),
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    const servers = [
      { name: 's1', url: 'http://i-1.example.com' },
      { name: 's2', url: 'http://10.0.0.2:7401' },
    ];
    expect(await whoAmI(url)).toEqual([200, { ...session, servers }]);
  });

  it('gives every role to the key for everything', async () => {
    const url = await start();
    const all = { keyName: 'securityKey', roles: ['upload', 'operator', 'read'] };
    expect((await login(url, { key: KEY })).json).toMatchObject(all);
    const headers = { authorization: `Bearer ${KEY}` };
    expect((await exchange(`${url}/api/v1/session`, { headers })).json).toMatchObject({ ...all, expiresAt: null });
  });

  it.each([
    [{ key: 'a-wrong-key' }, 401, 'KEY_WRONG'],
    [{ token: 'a-wrong-token' }, 401, 'TOKEN_WRONG'],
    [{}, 400, 'INPUT_INVALID'],
    [{ key: '' }, 400, 'INPUT_INVALID'],
    [{ key: KEY, token: 'x' }, 400, 'INPUT_INVALID'],
    [{ key: 7 }, 400, 'INPUT_INVALID'],
  ])('answers %j with %i %s and no cookie', async (body, status, code) => {
    const url = await start();
    const answer = await login(url, body);
    expect([answer.status, answer.json]).toMatchObject([status, { code }]);
    expect(browser.cookies(url)).toEqual([]);
    expect(await whoAmI(url)).toMatchObject([401, { code: 'SESSION_MISSING' }]);
  });

  it('tells a page that nobody is logged in without what a browser would note as an error', async () => {
    const url = await start();
    const ask = () => browser.send(`${url}/api/v1/session`, { headers: { 'x-session': 'optional' } });
    expect(await ask()).toMatchObject({ status: 200, json: { session: null } });
    await login(url, { key: KEY });
    expect(await ask()).toMatchObject({ status: 200, json: { keyName: 'securityKey' } });
  });

  it('sends the cookie over https alone where a proxy says that the browser came by https', async () => {
    const url = await start();
    const headers = { 'X-Forwarded-Proto': 'https', Origin: url.replace('http:', 'https:') };
    const answer = await browser.send(`${url}/api/v1/session`, { method: 'POST', body: { key: KEY }, headers });
    expect([answer.status, String(answer.headers['set-cookie'])]).toEqual([200, expect.stringMatching(/; Secure$/)]);
  });

  it('is refused to pages of other sites, who could else log a browser in as somebody of their choice', async () => {
    const url = await start();
    for (const page of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
      expect((await login(url, { key: KEY }, page)).json).toMatchObject({ code: 'ORIGIN_FOREIGN' });
    }
    expect(browser.cookies(url)).toEqual([]);
  });

  it('holds over a restart of the agent', async () => {
    const kept = { serverId: 'the same', sessionsDir: await tempFolder() };
    await login(await start(kept), { key: READER });
    expect(await whoAmI(await start(kept))).toMatchObject([200, { keyName: 'dashboard', roles: ['read'] }]);
  });

  it('dies with its key, and has the roles that its key has now', async () => {
    const kept = { serverId: 'the same', sessionsDir: await tempFolder() };
    await login(await start(kept), { key: READER });
    const more = await start({ ...kept, keys: [{ ...READER_ENTRY, roles: ['read', 'upload'] }] });
    expect(await whoAmI(more)).toMatchObject([200, { roles: ['upload', 'read'] }]);
    const changed = await start({ ...kept, keys: [{ ...READER_ENTRY, key: 'another-key-of-that-name' }] });
    expect(await whoAmI(changed)).toMatchObject([401, { code: 'SESSION_MISSING' }]);
  });

  it('ends after its time', async () => {
    const url = await start();
    await login(url, { key: KEY });
    now += SESSION_LIFETIME_MS;
    expect(await whoAmI(url)).toMatchObject([401, { code: 'SESSION_MISSING' }]);
  });

  it('keeps a browser logged in at two agents of one host', async () => {
    const [one, two] = [await start(), await start()];
    await login(one, { key: KEY });
    await login(two, { key: READER });
    expect(browser.cookies(one)).toHaveLength(2);
    expect(await whoAmI(one)).toMatchObject([200, { keyName: 'securityKey' }]);
    expect(await whoAmI(two)).toMatchObject([200, { keyName: 'dashboard' }]);
  });

  it('replaces the session that the browser had', async () => {
    const url = await start();
    await login(url, { key: KEY });
    const [earlier = ''] = browser.cookies(url);
    await login(url, { key: READER });
    expect(browser.cookies(url)).toHaveLength(1);
    const answer = await exchange(`${url}/api/v1/session`, { headers: { cookie: earlier } });
    expect(answer.json).toMatchObject({ code: 'SESSION_MISSING' });
  });

  describe('by a link', () => {
    it('works once, with the roles of the key that made it, and its token stands in the fragment', async () => {
      const url = await start();
      const headers = { authorization: `Bearer ${READER}` };
      const made = await exchange(`${url}/api/v1/session/links`, { method: 'POST', headers });
      expect([made.status, made.json]).toEqual([
        201,
        { url: expect.stringMatching(/\/console#token=[\w-]{43}$/) as string, expiresAt: now + LINK_LIFETIME_MS },
      ]);
      const link = (made.json as { url: string }).url;
      expect(link.startsWith(`${url}/console#`)).toBe(true);
      expect((await login(url, { token: tokenOf(link) })).json).toMatchObject({
        keyName: 'dashboard',
        roles: ['read'],
      });
      expect((await login(url, { token: tokenOf(link) })).json).toMatchObject({ code: 'TOKEN_WRONG' });
    });

    it('ends after five minutes', async () => {
      const url = await start();
      const link = await makeLink(url);
      now += LINK_LIFETIME_MS;
      expect((await login(url, { token: tokenOf(link) })).json).toMatchObject({ code: 'TOKEN_WRONG' });
    });

    it('is made for a key alone: a session would prolong itself for ever', async () => {
      const url = await start();
      const links = `${url}/api/v1/session/links`;
      expect((await browser.send(links, { method: 'POST' })).json).toMatchObject({ code: 'KEY_MISSING' });
      await login(url, { key: READER });
      expect((await browser.send(links, { method: 'POST' })).json).toMatchObject({ code: 'KEY_MISSING' });
      const headers = { authorization: `Bearer ${READER}` };
      const { json } = await browser.send(links, { method: 'POST', headers });
      expect(await login(url, { token: tokenOf((json as { url: string }).url) })).toMatchObject({ status: 200 });
    });

    it('begins with the address of the configuration when the caller names none that is one', async () => {
      const url = await start();
      const headers = { authorization: `Bearer ${KEY}`, host: 'no host/of anything' };
      const { json } = await exchange(`${url}/api/v1/session/links`, { method: 'POST', headers });
      expect((json as { url: string }).url).toMatch(/^http:\/\/i-1\.example\.com\/console#token=/);
    });
  });

  describe('the logout', () => {
    it('ends the session and takes the cookie back, however often', async () => {
      const url = await start();
      await login(url, { key: KEY });
      const [cookie = ''] = browser.cookies(url);
      for (let time = 0; time < 2; time += 1) {
        expect((await browser.send(`${url}/api/v1/session`, { method: 'DELETE' })).status).toBe(204);
      }
      expect(browser.cookies(url)).toEqual([]);
      const answer = await exchange(`${url}/api/v1/session`, { headers: { cookie } });
      expect(answer.json).toMatchObject({ code: 'SESSION_MISSING' });
    });

    it('does not claim what the disk did not take, and can be made again', async () => {
      const sessionsDir = await tempFolder();
      const url = await start({ sessionsDir, logger: silentLogger });
      await login(url, { key: KEY });
      const away = `${sessionsDir}.away`;
      await rename(sessionsDir, away);
      const logout = () => browser.send(`${url}/api/v1/session`, { method: 'DELETE' });
      for (let time = 0; time < 2; time += 1) {
        const answer = await logout();
        expect([answer.status, answer.json]).toMatchObject([
          500,
          { code: 'IO_FAILED', hint: expect.stringContaining('sessions.json') as string },
        ]);
        expect(await whoAmI(url)).toMatchObject([401, { code: 'SESSION_MISSING' }]);
      }
      await rename(away, sessionsDir);
      expect((await logout()).status).toBe(204);
      expect(browser.cookies(url)).toEqual([]);
    });

    it('is not for pages of other sites', async () => {
      const url = await start();
      await login(url, { key: KEY });
      const options = { method: 'DELETE', page: 'http://127.0.0.1:1' };
      expect((await browser.send(`${url}/api/v1/session`, options)).json).toMatchObject({ code: 'ORIGIN_FOREIGN' });
      expect(await whoAmI(url)).toMatchObject([200, {}]);
    });

    it('leaves a cookie alone that comes along with a key', async () => {
      const url = await start();
      await login(url, { key: KEY });
      const headers = { authorization: `Bearer ${KEY}` };
      expect((await browser.send(`${url}/api/v1/session`, { method: 'DELETE', headers })).status).toBe(204);
      expect(await whoAmI(url)).toMatchObject([200, {}]);
    });
  });

  describe('the limit', () => {
    it('makes who guesses wait, also with the right key, and tells how long', async () => {
      const url = await start();
      for (let time = 0; time < 10; time += 1) {
        expect((await login(url, { key: `guess ${String(time)}` })).status).toBe(401);
        monotonic += 1000;
      }
      const refused = await login(url, { key: KEY });
      expect([refused.status, refused.json]).toMatchObject([429, { code: 'RATE_LIMITED' }]);
      expect(refused.headers['retry-after']).toBe('50');
      monotonic += 50_000;
      expect((await login(url, { key: KEY })).status).toBe(200);
    });

    it('counts failures alone, and is not reset by a success', async () => {
      const url = await start();
      for (let time = 0; time < 20; time += 1) expect((await login(url, { key: KEY })).status).toBe(200);
      for (let time = 0; time < 5; time += 1) await login(url, { key: 'a guess' });
      await login(url, { key: KEY });
      for (let time = 0; time < 5; time += 1) await login(url, { key: 'a guess' });
      expect((await login(url, { key: KEY })).json).toMatchObject({ code: 'RATE_LIMITED' });
    });

    it('is not for links: neither do wrong ones count, nor does a good one wait', async () => {
      const url = await start();
      const link = await makeLink(url);
      for (let time = 0; time < 20; time += 1) expect((await login(url, { token: 'a guess' })).status).toBe(401);
      for (let time = 0; time < 10; time += 1) await login(url, { key: 'a guess' });
      expect((await login(url, { key: KEY })).status).toBe(429);
      expect((await login(url, { token: tokenOf(link) })).status).toBe(200);
    });
  });

  describe('where no key is configured', () => {
    it('is not needed: everybody may do everything, and a link is the address alone', async () => {
      const url = await start({ securityKey: null, keys: [] });
      const anybody = { server: 's1', keyName: null, roles: ['upload', 'operator', 'read'], expiresAt: null };
      expect(await whoAmI(url)).toMatchObject([200, anybody]);
      expect((await login(url, { key: 'anything' })).json).toEqual(anybody);
      expect(browser.cookies(url)).toEqual([]);
      const made = await exchange(`${url}/api/v1/session/links`, { method: 'POST' });
      expect([made.status, made.json]).toEqual([201, { url: `${url}/console`, expiresAt: null }]);
    });
  });
});
