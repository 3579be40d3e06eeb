import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pngImage, squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { dropFiles } from './drop-files.ts';
import { WatchedPage } from './watched-page.ts';

const FLEET_SCRIPT = '**/assets/fleet-page*.js';
const SLOW_BYTES_PER_SECOND = 500_000;

describe.skipIf(obstacle !== undefined)('the frame around the pages', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let folder: string;
  let context: BrowserContext;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
    folder = await mkdtemp(join(tmpdir(), 'imagefleet-shell-'));
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    watched = await WatchedPage.open(context);
    page = watched.page;
  });
  afterEach(() => context.close());

  const abort = (route: Route): Promise<void> => route.abort();
  const heading = (name: string) => page.getByRole('main').getByRole('heading', { level: 1, name });
  const open = (name: string): Promise<void> => page.getByRole('link', { name, exact: true }).click();

  async function login(): Promise<void> {
    await page.goto(await fleet.loginLink());
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  }

  /** The fleet has one key, that may do everything: the server describes it otherwise. */
  async function describeSession(changed: object): Promise<void> {
    await page.route('**/api/v1/session', async (route) => {
      const response = await route.fetch();
      const session = (await response.json()) as object;
      await route.fulfill({ response, body: JSON.stringify({ ...session, ...changed }) });
    });
  }

  async function choose(name: string, buffer: Buffer): Promise<void> {
    const images = page.locator('input[type="file"]:not([webkitdirectory])');
    await images.setInputFiles([{ name, mimeType: 'image/png', buffer }]);
  }

  it('stays when the script of a page does not come, and shows the page when it does', async () => {
    await page.route(FLEET_SCRIPT, abort);
    await login();
    await open('Fleet');
    await page.getByText('This page could not be loaded').waitFor();
    expect(await page.getByText('live', { exact: true }).count()).toBe(1);
    expect(await watched.axeFindings()).toEqual([]);
    // Not while nobody would answer, and not over uploads without a word.
    await page.route('**/api/v1/session', abort);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByText('a reload would take this page away with its links').waitFor();
    await page.unroute('**/api/v1/session', abort);
    await page.unroute(FLEET_SCRIPT, abort);
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading('Fleet').waitFor();
  });

  it('asks before it reloads over uploads', async () => {
    await page.route(FLEET_SCRIPT, abort);
    await login();
    await page.route(
      (url) => url.pathname === '/api/v1/images',
      (route) => (route.request().method() === 'POST' ? undefined : route.continue()),
    );
    await choose('hangs.png', squaresImage({ seed: 1 }));
    await page.locator('[data-state="uploading"]').first().waitFor();
    await open('Fleet');
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.unroute(FLEET_SCRIPT, abort);
    await page.getByRole('button', { name: 'Stop the uploads and reload' }).click();
    await heading('Fleet').waitFor();
  });

  it('has the other pages before they are asked for, so that they open without the server', async () => {
    const scripts = new Set<string>();
    page.on('requestfinished', (request) => {
      const name = /\/assets\/(\w+)-page[^/]*\.js$/.exec(request.url())?.[1];
      if (name !== undefined) scripts.add(name);
    });
    await login();
    await expect.poll(() => [...scripts].sort()).toEqual(['errors', 'fleet', 'images', 'upload']);
    await page.route('**/assets/*.{js,css}', abort);
    for (const name of ['Fleet', 'Errors', 'Images']) {
      await open(name);
      await heading(name).waitFor();
    }
    expect(watched.complaints).toEqual([]);
  });

  it('takes a file that is dropped on another page to Upload', async () => {
    const file = join(folder, 'dropped.png');
    await writeFile(file, squaresImage({ seed: 2 }));
    await login();
    await open('Fleet');
    await heading('Fleet').waitFor();
    await dropFiles(page, [file]);
    await page.getByText('1 image is in the fleet.').first().waitFor();
    expect(new URL(page.url()).hash).toBe('#/upload');
    // And once more on the page itself: nothing comes in twice.
    await dropFiles(page, [file]);
    await page.getByText('1 was a duplicate and not sent again.').waitFor();
    expect(await page.getByRole('listitem').getByText('dropped.png').count()).toBe(2);
  });

  it('begins for a key that may only look where it may, says so, and keeps the browser from a dropped file', async () => {
    await describeSession({ keyName: 'lodge', roles: ['read'] });
    await page.goto(await fleet.loginLink());
    await heading('Fleet').waitFor();
    await page.getByText('as lodge (may look)').waitFor();
    const { href } = new URL(page.url());
    const file = join(folder, 'refused.png');
    await writeFile(file, squaresImage({ seed: 3 }));
    await dropFiles(page, [file]);
    await page.waitForTimeout(500);
    expect(page.url()).toBe(href);
    await heading('Fleet').waitFor();
  });

  it('has no logout where nobody can log in', async () => {
    await describeSession({ keyName: null });
    await login();
    await page.getByText('no key configured: everybody may do everything').waitFor();
    expect(await page.getByRole('button', { name: 'Log out' }).count()).toBe(0);
  });

  it('tells a key that hears no events by its failed uploads that the only server is gone, and that it is back', async () => {
    await describeSession({ roles: ['upload'], servers: [] });
    await login();
    await page.route('**/api/**', abort);
    await choose('waits.png', squaresImage({ seed: 4 }));
    const notice = page.getByRole('alert').filter({ hasText: 's1 does not answer any more' });
    await notice.getByText('goes on by itself when the server is back').waitFor();
    expect(await notice.getByRole('list').count()).toBe(0);
    await page.unroute('**/api/**', abort);
    await notice.waitFor({ state: 'detached' });
    await page.getByText('1 image is in the fleet.').first().waitFor();
  });

  it('lists the keys, and shows the speed of uploads on every page', async () => {
    await login();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: SLOW_BYTES_PER_SECOND },
    });
    await choose('large.png', pngImage({ seed: 5, sizeBytes: 8_000_000 }));
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await heading('Fleet').waitFor();
    await page.getByText(/^uploading [\d.]+ KB\/s$/).waitFor();

    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.getByText('Search on this page').waitFor();
    await expect.poll(() => dialog.evaluate((node) => node.contains(document.activeElement))).toBe(true);
    expect(await watched.axeFindings()).toEqual([]);
    // What is behind it stays.
    await page.keyboard.press('u');
    expect(new URL(page.url()).hash).toBe('#/fleet');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(watched.complaints).toEqual([]);
  });
});
