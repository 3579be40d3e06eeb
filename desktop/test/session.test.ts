import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';

describe.skipIf(obstacle !== undefined)('the login', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ locale: 'en' });
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const navigation = () => page.getByRole('navigation', { name: 'Pages' });
  const keyField = () => page.getByLabel('Security key', { exact: true });

  it('by a link leaves no token in the address nor in the history, and the link works once', async () => {
    const link = await fleet.loginLink();
    await page.goto(link);
    await navigation().waitFor();
    expect(page.url()).toBe(`${fleet.agent(0).url}/console`);
    const session = await context.newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.map(({ url }) => url).filter((url) => url.includes('token'))).toEqual([]);

    const other = await browser.newContext({ locale: 'en' });
    const late = await other.newPage();
    await late.goto(link);
    await late.getByText('This link has been used or is too old').waitFor();
    expect(await late.getByRole('navigation', { name: 'Pages' }).count()).toBe(0);
    await other.close();
  });

  it('keeps who is logged in when a used link is opened again, as a reload or a bookmark does', async () => {
    const link = await fleet.loginLink();
    await page.goto(link);
    await navigation().waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await navigation().waitFor();
  });

  it('by a link that is pasted into the open console, at the login and beyond, leaves no token either', async () => {
    const isClean = async (): Promise<void> => {
      await expect.poll(() => page.url()).not.toContain('token');
      const session = await context.newCDPSession(page);
      const { entries } = await session.send('Page.getNavigationHistory');
      expect(entries.filter(({ url }) => url.includes('token'))).toEqual([]);
    };
    await page.goto(`${fleet.agent(0).url}/console`);
    await keyField().waitFor();
    const link = await fleet.loginLink();
    await page.goto(link);
    await navigation().waitFor();
    await isClean();
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.goto(await fleet.loginLink());
    await isClean();
    // Used up: nobody is logged out by it, and at the login it says why nothing happens.
    await page.goto(link);
    await isClean();
    await page.getByRole('button', { name: 'Log out' }).click();
    await keyField().waitFor();
    await page.goto(link);
    await page.getByText('This link has been used or is too old').waitFor();
    await isClean();
  });

  it('after too many failed tries says for how long to wait', async () => {
    await page.route('**/api/v1/session', (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const body = JSON.stringify({ code: 'RATE_LIMITED', message: 'There were too many failed logins.' });
      return route.fulfill({ status: 429, headers: { 'Retry-After': '42' }, contentType: 'application/json', body });
    });
    await page.goto(`${fleet.agent(0).url}/console`);
    await keyField().fill('not-the-key');
    await keyField().press('Enter');
    await page.getByText(/^Wait 4[0-2] s, then try again\.$/).waitFor();
    await page.getByText('Wait 39 s, then try again.').waitFor();
  });

  it('by a wrong key says so in a sentence, and by the right one opens', async () => {
    await page.goto(`${fleet.agent(0).url}/console`);
    await keyField().fill('not-the-key');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(errorSentence('KEY_WRONG', 'en').title).waitFor();
    await keyField().fill(fleet.key);
    await keyField().press('Enter');
    await navigation().waitFor();
  });

  it('ends with the logout, on the server as well', async () => {
    await page.goto(await fleet.loginLink());
    await navigation().waitFor();
    const cookies = await context.cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
    await page.getByRole('button', { name: 'Log out' }).click();
    await keyField().waitFor();
    expect(await context.cookies()).toEqual([]);
    // Somebody who kept the cookie has nothing of it.
    await context.addCookies(cookies);
    await page.reload();
    await keyField().waitFor();
  });

  it('holds at three agents of one host at once', async () => {
    const pages = await Promise.all(
      fleet.agents.map(async (_, index) => {
        const one = await context.newPage();
        await one.goto(await fleet.loginLink(index));
        await one.getByRole('navigation').waitFor();
        return one;
      }),
    );
    for (const [index, one] of pages.entries()) {
      await one.reload();
      await one.getByText(`at ${fleet.agent(index).name}`).waitFor();
    }
    expect(new Set((await context.cookies()).map(({ name }) => name)).size).toBe(3);
  });

  describe('and the page of another origin', () => {
    let foreign: Server;
    let origin: string;

    beforeEach(async () => {
      foreign = createServer((_, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end('<!doctype html><title>elsewhere</title>');
      });
      foreign.listen(0, '127.0.0.1');
      await once(foreign, 'listening');
      origin = `http://127.0.0.1:${String((foreign.address() as { port: number }).port)}`;
    });
    afterEach(async () => {
      foreign.closeAllConnections();
      foreign.close();
      await once(foreign, 'close');
    });

    // Another port is another origin and yet the same site: the browser sends the cookie, and Origin alone tells. Of
    // another site the cookie does not even go out (SameSite).
    it.each([
      ['127.0.0.1', 403],
      ['localhost', 401],
    ])('cannot change anything with its cookie: from %s', async (host, status) => {
      await page.goto(await fleet.loginLink());
      await navigation().waitFor();
      const server = fleet.agent(0).url;
      const answers: string[] = [];
      context.on('response', (response) => {
        const { pathname } = new URL(response.url());
        const method = response.request().method();
        if (response.url().startsWith(server) && method !== 'GET')
          answers.push(`${method} ${pathname} ${String(response.status())}`);
      });
      const elsewhere = await context.newPage();
      await elsewhere.goto(origin.replace('127.0.0.1', host));

      await elsewhere.evaluate(sendForeignCalls, { server, image: [...pngImage({ seed: 1 })] });
      await elsewhere.evaluate(postForm, `${server}/api/v1/images`);
      await elsewhere.waitForURL(`${server}/api/v1/images`);

      // The browser itself keeps back what it has to ask for first (CORS, Fetch standard); what came was refused.
      expect(answers).toEqual(expect.arrayContaining([`POST /api/v1/images ${status}`]));
      expect(answers.filter((answer) => / 2\d\d$/.test(answer))).toEqual([]);
      const { images } = (await (await fleet.call(0, '/images')).json()) as { images: unknown[] };
      expect(images).toEqual([]);
      const { servers } = (await (await fleet.call(0, '/servers')).json()) as { servers: { state: string }[] };
      expect(servers.map(({ state }) => state)).not.toContain('maintenance');
      await page.reload();
      await navigation().waitFor();
    });
  });
});

/** Runs in the foreign page: what its script can send to the server with the operator's cookie. */
async function sendForeignCalls(input: { readonly server: string; readonly image: readonly number[] }): Promise<void> {
  const { server, image } = input;
  const file = new FormData();
  file.append('file', new Blob([new Uint8Array(image)], { type: 'image/png' }), 'planted.png');
  const calls: readonly (readonly [string, RequestInit])[] = [
    ['/api/v1/images', { method: 'POST', body: file, mode: 'no-cors' }],
    ['/api/v1/deliveries/replay', { method: 'POST', body: '{"all":true}', mode: 'no-cors' }],
    ['/api/v1/session/links', { method: 'POST', body: '{}', mode: 'no-cors' }],
    ['/api/v1/verify', { method: 'POST', body: '{}' }],
    ['/api/v1/session', { method: 'DELETE' }],
    ['/api/v1/servers/s1/maintenance', { method: 'PUT', body: '{"on":true}' }],
  ];
  for (const [path, init] of calls) {
    // What the browser refuses to send, or to hand over, rejects: that is as good as a refusal.
    await fetch(server + path, { ...init, credentials: 'include' }).catch(() => undefined);
  }
}

/** Runs in the foreign page: the oldest way, a form that sends itself. */
function postForm(action: string): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.enctype = 'multipart/form-data';
  form.action = action;
  const field = document.createElement('input');
  field.name = 'file';
  field.value = 'planted';
  form.append(field);
  document.body.append(form);
  form.submit();
}
