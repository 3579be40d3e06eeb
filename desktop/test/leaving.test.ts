import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';

/** Longer than any wait for the next try. */
const LONG_MS = 3000;

describe.skipIf(obstacle !== undefined)('whoever leaves', () => {
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
    await page.goto(await fleet.loginLink());
    await navigation().waitFor();
  });
  afterEach(() => context.close());

  const navigation = () => page.getByRole('navigation', { name: 'Pages' });
  const keyField = () => page.getByLabel('Security key', { exact: true });

  async function login(): Promise<void> {
    await keyField().fill(fleet.key);
    await keyField().press('Enter');
    await navigation().waitFor();
  }

  async function choose(name: string, seed: number): Promise<void> {
    const images = page.locator('input[type="file"]:not([webkitdirectory])');
    await images.setInputFiles([{ name, mimeType: 'image/png', buffer: squaresImage({ seed }) }]);
  }

  /** The fleet has one key, that may do everything: from here on the server describes it otherwise. */
  async function answerSession(change: (text: string) => string): Promise<void> {
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
  }

  it('stays logged in and is told when the logout fails, and can try again', async () => {
    const thrown: Error[] = [];
    page.on('pageerror', (error) => thrown.push(error));
    const refuse = (route: Route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue());
    await page.route('**/api/v1/session', refuse);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('alert').getByText('You are still logged in').waitFor();
    expect(thrown).toEqual([]);
    await page.unroute('**/api/v1/session', refuse);
    await page.getByRole('button', { name: 'Log out' }).click();
    await keyField().waitFor();
  });

  /** An upload that neither arrives nor fails by itself, and then the end of the session. */
  async function endWhileUploading(name: string, seed: number) {
    const isImages = (url: URL): boolean => url.pathname === '/api/v1/images';
    const sent: string[] = [];
    const brokenOff: string[] = [];
    const hang = (route: Route): void => {
      if (route.request().method() === 'POST') sent.push(name);
      else void route.continue();
    };
    await page.route(isImages, hang);
    page.on('requestfailed', (request) => {
      if (request.method() === 'POST' && isImages(new URL(request.url()))) brokenOff.push(name);
    });
    await choose(name, seed);
    await expect.poll(() => sent.length).toBe(1);
    await context.clearCookies();
    await keyField().waitFor();
    await expect.poll(() => brokenOff.length).toBe(1);
    await page.waitForTimeout(LONG_MS);
    expect([sent.length, await page.getByText(name).count()]).toEqual([1, 0]);
    return { sent, letThrough: () => page.unroute(isImages, hang) };
  }

  it('by a session that ends finds the uploads again after a login with the same key', async () => {
    const { letThrough } = await endWhileUploading('spring.png', 1);
    const promise = page.getByText(/^They go on after a login with the same key/);
    await promise.waitFor();
    await letThrough();
    await login();
    await page.getByText('1 image is in the fleet.').first().waitFor();
    // Nothing waits any more, and nothing is promised.
    await context.clearCookies();
    await page.getByRole('link', { name: 'Fleet' }).click();
    await keyField().waitFor();
    expect(await promise.count()).toBe(0);
  });

  it('by a session that ends leaves nothing to somebody with another key', async () => {
    const { sent } = await endWhileUploading('autumn.png', 2);
    await answerSession((text) => text.replace(/"keyName":"[^"]*"/, '"keyName":"another"'));
    await login();
    await page.getByText('Drop a folder or images here').waitFor();
    await page.waitForTimeout(LONG_MS);
    expect(sent).toHaveLength(1);
  });

  it('with a key that may only upload is asked for nothing else, and is not told that the server is gone', async () => {
    await answerSession((text) => text.replace(/"roles":\[[^\]]*\]/, '"roles":["upload"]'));
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.push(pathname);
    });
    await page.reload();
    await navigation().waitFor();
    await page.waitForTimeout(LONG_MS);
    expect([...new Set(asked)]).toEqual(['/api/v1/session']);
    expect(await page.getByRole('alert').count()).toBe(0);
    // Nothing else is asked that could tell of it.
    await context.clearCookies();
    await choose('winter.png', 3);
    await keyField().waitFor();
  });
});
