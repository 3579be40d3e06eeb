import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CONTENT_SECURITY_POLICY, PAGE_URL, serveApp } from './app-protocol.ts';

const IMAGE = '2026/3/9/01234567-89ab-4def-8123-456789abcdef.png';

describe('app://ui', () => {
  let folder: string;
  let fetched: string[];
  let answer: Response;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'imagefleet-app-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'console/assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.json'), '{}');
    // Whichever page it is that the window opens.
    const name = new URL(PAGE_URL).pathname.slice('/console/'.length) || 'index.html';
    writeFileSync(join(folder, 'console', name), '<p>page</p>');
    writeFileSync(join(folder, 'console/assets/a-1.js'), 'let a;');
    writeFileSync(join(folder, 'console/assets/a-1.map'), 'no');
    fetched = [];
    answer = new Response('bytes', { headers: { 'Content-Type': 'image/png' } });
  });

  function get(url: string, options: { method?: string; server?: string | null } = {}): Promise<Response> {
    const { method = 'GET', server = 'http://s1:7401/' } = options;
    return serveApp(new Request(url, { method }), {
      consoleDir: join(folder, 'console'),
      imageServer: () => Promise.resolve(server),
      fetch: (address) => {
        fetched.push(address);
        return Promise.resolve(answer);
      },
    });
  }

  it('serves the page and its files, with a strict policy and the type that they have', async () => {
    const page = await get(PAGE_URL);
    expect(await page.text()).toBe('<p>page</p>');
    expect(page.headers.get('Content-Security-Policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    const script = await get('app://ui/console/assets/a-1.js');
    expect([script.status, script.headers.get('Content-Type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it('has a policy without anything inline, evaluated or from elsewhere', () => {
    expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|http|\*/);
  });

  it.each([
    'app://ui/console/../secret.json',
    'app://ui/console/%2e%2e/secret.json',
    'app://ui/console/..%2fsecret.json',
    'app://ui/console/assets/..%5c..%5csecret.json',
    'app://ui/console//secret.json',
    'app://ui/console/assets/a-1.map',
    'app://ui/console/assets',
    'app://ui/console/assets/',
    'app://ui/console/none.js',
    'app://ui/console/a/b/c/d.js',
    'app://ui/secret.json',
    'app://ui/',
    'app://other/console/index.html',
    'https://ui/console/index.html',
  ])('has nothing at %s', async (url) => {
    const { status } = await get(url);
    expect(status).toBe(404);
  });

  it('answers no other method', async () => {
    expect((await get(PAGE_URL, { method: 'POST' })).status).toBe(405);
  });

  it('fetches images of the fleet from a server of it, as pictures that can do nothing', async () => {
    const picture = await get(`app://ui/image/${IMAGE}`);
    expect(await picture.text()).toBe('bytes');
    expect(fetched).toEqual([`http://s1:7401/${IMAGE}`]);
    expect(picture.headers.get('Content-Security-Policy')).toBe("default-src 'none'; sandbox");
    await get('app://ui/image/products/%E9%9E%8B%20a.png');
    expect(fetched[1]).toBe('http://s1:7401/products/%E9%9E%8B%20a.png');
  });

  it.each(['api/v1/servers', 'api/v1/x.png', '../x.png', 'a%2fb.png', '%2e%2e/x.png', '', '/evil/x.png', 'x.png/'])(
    'asks no server for what is no path of an image: %s',
    async (path) => {
      expect((await get(`app://ui/image/${path}`)).ok).toBe(false);
      expect(fetched).toEqual([]);
    },
  );

  it('shows nothing that is no picture, and nothing while no server is known', async () => {
    answer = new Response('<script>', { headers: { 'Content-Type': 'text/html' } });
    expect((await get(`app://ui/image/${IMAGE}`)).status).toBe(502);
    answer = new Response('gone', { status: 404, headers: { 'Content-Type': 'image/png' } });
    expect((await get(`app://ui/image/${IMAGE}`)).status).toBe(404);
    expect((await get(`app://ui/image/${IMAGE}`, { server: null })).status).toBe(503);
  });
});
