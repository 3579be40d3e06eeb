import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { screenshotFile } from './screenshots.ts';
import { WatchedPage } from './watched-page.ts';

const PAGES = ['upload', 'fleet', 'errors', 'images'] as const;
const LOOKS = (['zh', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => ({ language, theme })),
);
const IMAGES = 24;

describe.skipIf(obstacle !== undefined)('every page', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let context: BrowserContext;
  let watched: WatchedPage;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
    const files = Array.from({ length: IMAGES }, (_, seed) => ({
      name: `图片 ${String(seed)}.png`,
      bytes: squaresImage({ seed }),
    }));
    await fleet.upload(0, files);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
    watched = await WatchedPage.open(context);
    await watched.page.goto(await fleet.loginLink());
    await watched.page.getByRole('navigation').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });

  it.each(PAGES.flatMap((name) => LOOKS.map((look) => ({ name, ...look }))))(
    'has nothing that a browser or axe complains of: $name, $language, $theme',
    async ({ name, language, theme }) => {
      const { page, complaints } = watched;
      complaints.length = 0;
      await page.goto(`${fleet.agent(0).url}/console#/${name}`);
      await watched.prefer(language, theme);
      await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('load');
      // The event stream never ends, so that there is no quiet network to wait for.
      await page.getByText(language === 'zh' ? '实时' : 'live', { exact: true }).waitFor();
      await page.waitForTimeout(500);
      await page.screenshot({ path: screenshotFile(`${name}-${language}-${theme}`) });
      expect(await watched.axeFindings()).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  it.each(LOOKS)('and the login: $language, $theme', async ({ language, theme }) => {
    const stranger = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const login = await WatchedPage.open(stranger);
    await login.page.goto(`${fleet.agent(0).url}/console`);
    await login.prefer(language, theme);
    await login.page.locator('input[type="password"]').waitFor();
    await login.page.screenshot({ path: screenshotFile(`login-${language}-${theme}`) });
    expect(await login.axeFindings()).toEqual([]);
    expect(login.complaints).toEqual([]);
    await stranger.close();
  });
});
