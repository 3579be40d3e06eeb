import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { exchange, type BrowserAnswer } from '../testing/browser.ts';
import { rawRequest } from '../testing/raw-client.ts';
import { startTestAgent, type TestAgent } from '../testing/test-agent.ts';

const PAGE = '<!doctype html><script type="module" src="/console/assets/main-4f2a.js"></script>';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the console in the browser', () => {
  let agent: TestAgent;
  let bare: TestAgent;
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-console-'));
    const consoleDir = join(dir, 'console');
    await mkdir(join(consoleDir, 'assets', 'folder'), { recursive: true });
    await writeFile(join(dir, 'secret.txt'), 'secret');
    await writeFile(join(consoleDir, 'secret.txt'), 'secret');
    await writeFile(join(consoleDir, 'assets', '.hidden'), 'secret');
    await writeFile(join(consoleDir, 'index.html'), PAGE);
    await writeFile(join(consoleDir, 'assets', 'main-4f2a.js'), 'plain');
    await writeFile(join(consoleDir, 'assets', 'main-4f2a.js.br'), brotliCompressSync('packed'));
    await writeFile(join(consoleDir, 'assets', 'main-4f2a.js.gz'), 'zipped');
    await writeFile(join(consoleDir, 'assets', 'style-1.css'), 'body{}');
    agent = await startTestAgent({ consoleDir });
    bare = await startTestAgent({ logger: silentLogger });
  });
  afterAll(async () => {
    await Promise.all([agent.stop(), bare.stop()]);
    await rm(dir, { recursive: true });
  });

  const get = (path: string, headers: Record<string, string> = {}): Promise<BrowserAnswer> =>
    exchange(agent.url + path, { headers });

  it.each(['/console', '/console/', '/.m/upload.aspx', '/.M/Upload.aspx?x=1'])('is the page at %s', async (path) => {
    const { status, headers, text } = await get(path);
    expect([status, text]).toEqual([200, PAGE]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
        "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is asked for again each time, and sent again only when it has changed', async () => {
    const etag = String((await get('/console')).headers['etag']);
    expect(await get('/console', { 'If-None-Match': etag })).toMatchObject({ status: 304, text: '' });
    expect(await get('/console', { 'If-None-Match': '"another"' })).toMatchObject({ status: 200 });
    expect(await exchange(`${agent.url}/console`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('keeps its assets for ever, each with its type', async () => {
    const { headers, text } = await get('/console/assets/style-1.css');
    expect([text, headers['content-type']]).toEqual(['body{}', 'text/css; charset=utf-8']);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-encoding']).toBeUndefined();
  });

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('sends to who takes "%s" the form %s', async (accepted, encoding) => {
    const { status, headers } = await get('/console/assets/main-4f2a.js', { 'Accept-Encoding': accepted });
    expect([status, headers['content-encoding']]).toEqual([200, encoding]);
    expect(headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', vary: 'Accept-Encoding' });
  });

  it('sends the packed bytes as they lie there', async () => {
    const head = 'GET /console/assets/main-4f2a.js HTTP/1.1\r\nAccept-Encoding: br';
    const length = brotliCompressSync('packed').length;
    expect((await rawRequest(agent.port, { head })).head).toContain(`Content-Length: ${String(length)}`);
    const answer = await fetch(`${agent.url}/console/assets/main-4f2a.js`, { headers: { 'accept-encoding': 'br' } });
    expect(await answer.text()).toBe('packed');
  });

  it.each([
    '/console/assets/../secret.txt',
    '/console/assets/..%2fsecret.txt',
    '/console/assets/%2e%2e/secret.txt',
    '/console/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/console/assets/..\\secret.txt',
    '/console/assets/..%5c..%5csecret.txt',
    '/console/assets//etc/passwd',
    '/console/assets/.hidden',
    '/console/assets/folder',
    '/console/assets/folder/',
    '/console/assets/style-1.css/',
    '/console/assets/style-1.css%00.js',
    '/console/assets/%ff',
    '/console/assets/%',
    '/console/assets/',
    '/console/assets',
    '/console/assets/nothing.js',
    `/console/assets/${'x'.repeat(300)}.js`,
    '/console/secret.txt',
    '/console/../secret.txt',
    '/console/index.html',
  ])('has nothing at %s', async (path) => {
    const { status, body } = await rawRequest(agent.port, { head: `GET ${path} HTTP/1.1` });
    expect([path, status]).toEqual([path, status === 400 ? 400 : 404]);
    expect(body).not.toContain('secret');
  });

  it.each(['/console', '/.m/upload.aspx'])('says at %s what is missing when it was not built', async (path) => {
    const { status, json } = await exchange(bare.url + path, {});
    expect([status, json]).toMatchObject([503, { code: 'CONSOLE_MISSING' }]);
    expect((json as { hint: string }).hint).toContain('npm run build:console');
  });

  it('says that the disk failed, and not that nothing is installed, where its files cannot be read', async () => {
    const consoleDir = join(dir, 'unreadable');
    await mkdir(join(consoleDir, 'assets'), { recursive: true });
    // Unreadable also for root, as which tests may run.
    for (const name of ['index.html', 'assets/main.js']) await symlink(join(consoleDir, name), join(consoleDir, name));
    const broken = await startTestAgent({ consoleDir, logger: silentLogger });
    for (const path of ['/console', '/console/assets/main.js']) {
      const { status, json } = await exchange(broken.url + path, {});
      expect([status, json]).toMatchObject([
        500,
        { code: 'IO_FAILED', message: 'A file of the console cannot be read.' },
      ]);
    }
    await broken.stop();
  });

  it('is where a browser goes from the root, and no program', async () => {
    const browser = await get('/', { Accept: BROWSER });
    expect([browser.status, browser.headers['location'], browser.headers['vary']]).toEqual([302, '/console', 'Accept']);
    for (const accept of ['*/*', 'application/json, text/plain, */*', 'application/json']) {
      expect((await get('/', { Accept: accept })).json).toMatchObject({ program: 'imagefleet' });
    }
    expect((await get('/')).json).toMatchObject({ program: 'imagefleet' });
  });

  it('takes nothing', async () => {
    expect((await exchange(`${agent.url}/console`, { method: 'POST' })).status).toBe(405);
  });
});
