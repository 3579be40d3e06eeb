import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { EngineFleet } from '#engine/fleet/engine-fleet.ts';
import { openEngineFleet } from '#engine/fleet/open-engine-fleet.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { EngineGateway } from './engine-gateway.ts';

const IMAGES = 12;
const LONG_MS = 90_000;
const EVERYWHERE = /^(Nothing waits: 3 of 3 servers|Nothing waits: 3 servers|3 of 3 servers hold)/;

/** The console's pages, unchanged, on the engine in place of an agent. */
describe.skipIf(obstacle !== undefined)('the pages of the console on the engine', () => {
  let fleet: ConsoleFleet;
  let engine: EngineFleet;
  let gateway: EngineGateway;
  let browser: Browser;
  let page: Page;
  let loads = 0;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    await fleet.upload(0, imagesFrom(0));
    const servers = fleet.agents.map(({ url }) => url);
    engine = openEngineFleet({ servers, key: fleet.key, machineKey: 'pages', target: { heard: () => undefined } });
    engine.start();
    gateway = await EngineGateway.start({
      api: engine.api,
      listen: (listener) => engine.listen(listener),
      imageServer: () => engine.snapshot().followed ?? '',
    });
    browser = await launchBrowser();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' })).newPage();
    page.on('load', () => (loads += 1));
    await page.goto(`${gateway.url}/console`);
    await page.getByRole('navigation').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await gateway.close();
    await engine.close();
    await fleet.stop();
  });

  const imagesFrom = (from: number) =>
    Array.from({ length: IMAGES }, (_, index) => ({
      name: `picture ${String(from + index)}.png`,
      bytes: squaresImage({ seed: from + index }),
    }));
  const go = (letter: 'f' | 'e' | 'i') => page.keyboard.press('g').then(() => page.keyboard.press(letter));
  const answer = () => page.getByRole('main').locator('header');
  const indexOf = (server: string | null) => fleet.agents.findIndex(({ url }) => url === server);

  it('say that everything is everywhere', async () => {
    await go('f');
    await answer().getByText(EVERYWHERE).waitFor({ timeout: LONG_MS });
    await page.getByText('live', { exact: true }).waitFor();
  });

  it('find an image and show which servers hold it', async () => {
    await go('i');
    const options = page.getByRole('listbox', { name: 'Images found' }).getByRole('option');
    await page.getByText(/^12 images on /).waitFor();
    const picture = options.first().getByRole('img');
    await expect.poll(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
    await page.keyboard.press('/');
    await page.keyboard.type('picture 7');
    await page.getByText('1 image found in all days').waitFor();
    await options.first().click();
    await page.getByRole('complementary').getByText('On all 3 servers').waitFor();
    await page.keyboard.press('Escape');
  });

  it('go on without a reload when the agent that the engine follows dies, and show what waits for it', async () => {
    const followed = indexOf(engine.snapshot().followed);
    const { name, url } = fleet.agent(followed);
    const other = (followed + 1) % 3;
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/console#/fleet`);
    await answer().getByText(EVERYWHERE).waitFor({ timeout: LONG_MS });
    const before = loads;
    await fleet.kill(followed);
    await answer()
      .getByText(new RegExp(`^${name} is down since `))
      .waitFor({ timeout: 20_000 });
    await page.getByText('live', { exact: true }).waitFor();
    expect(engine.snapshot().followed).not.toBe(url);
    await fleet.send(other, imagesFrom(100));
    await go('e');
    await answer()
      .getByText(new RegExp(`^12 copies wait for ${name}: `))
      .waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: new RegExp(`^Show the copies for ${name}`) }).click();
    await page
      .getByRole('group', { name: `Copies for ${name}` })
      .getByRole('listitem')
      .first()
      .waitFor();
    await fleet.revive(followed);
    await answer().getByText('Nothing failed: no copy is stuck.').waitFor({ timeout: LONG_MS });
    await go('f');
    await answer().getByText(EVERYWHERE).waitFor({ timeout: LONG_MS });
    expect(loads).toBe(before);
  }, 240_000);
});
