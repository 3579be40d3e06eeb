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

  it('by a session that ends finds the uploads again after a login with the same key', async () => {
    const isImages = (url: URL): boolean => url.pathname === '/api/v1/images';
    const uploads: string[] = [];
    // They neither arrive nor fail, so that there is work left when the session ends.
    const hang = (route: Route): void => {
      if (route.request().method() === 'POST') uploads.push(route.request().url());
      else void route.continue();
    };
    await page.route(isImages, hang);
    const buffer = squaresImage({ seed: 1 });
    const images = page.locator('input[type="file"]:not([webkitdirectory])');
    await images.setInputFiles([{ name: 'spring.png', mimeType: 'image/png', buffer }]);
    await expect.poll(() => uploads.length).toBe(1);

    await context.clearCookies();
    await keyField().waitFor();
    expect(await page.getByText('spring.png').count()).toBe(0);
    await page.waitForTimeout(LONG_MS);
    expect(uploads).toHaveLength(1);

    await page.unroute(isImages, hang);
    await login();
    await page.getByText('1 image is in the fleet.').first().waitFor();
  });

  it('by a session that ends leaves nothing to somebody with another key', async () => {
    const isImages = (url: URL): boolean => url.pathname === '/api/v1/images';
    const uploads: string[] = [];
    await page.route(isImages, (route) => {
      if (route.request().method() === 'POST') uploads.push(route.request().url());
      else void route.continue();
    });
    const buffer = squaresImage({ seed: 2 });
    const images = page.locator('input[type="file"]:not([webkitdirectory])');
    await images.setInputFiles([{ name: 'autumn.png', mimeType: 'image/png', buffer }]);
    await expect.poll(() => uploads.length).toBe(1);

    await context.clearCookies();
    await keyField().waitFor();
    // The fleet has one key; the server calls it by another name from here on.
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text.replace(/"keyName":"[^"]*"/, '"keyName":"another"') });
    });
    await login();
    await page.getByText('Drop a folder or images here').waitFor();
    await page.waitForTimeout(LONG_MS);
    expect(uploads).toHaveLength(1);
  });

  it('with a key that may only upload is asked for nothing else, and is not told that the server is gone', async () => {
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text.replace(/"roles":\[[^\]]*\]/, '"roles":["upload"]') });
    });
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
  });
});
