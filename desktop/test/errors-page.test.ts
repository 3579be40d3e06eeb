import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { shoot } from './screenshots.ts';
import { WatchedPage } from './watched-page.ts';

const IMAGES = 40;

const WORDS = {
  en: {
    nothing: 'Nothing failed: no copy is stuck.',
    down: /^s3 is down since /,
    waits: /^40 copies wait for s3: .*They go out by themselves when the server is back\.$/,
    fleetWaits: /^s3 is down since .*; 40 copies wait for it\./,
    all: 'Replay all',
    show: /^Show the copies for s3/,
    list: 'Copies for s3',
    byHand: /^40 copies wait for s3: .*They go out only when you replay them: autoRetry is off\.$/,
    unreachable: /s3 cannot take copies now/,
    arrived: 'Replay done: 39 copies arrived.',
    one: /^Replay 20.* to s3 now$/,
    sent: 'sent out',
  },
  zh: {
    nothing: '没有出错：没有卡住的副本。',
    down: /^s3 自 .* 起离线。/,
    waits: /^40 个副本在等 s3：.*服务器恢复后会自动发出，无需操作。$/,
    fleetWaits: /^s3 自 .* 起离线，有 40 个副本在等它。/,
    all: '全部重新同步',
    show: /^展开 s3 的副本/,
    list: 's3 的副本',
    byHand: /^40 个副本在等 s3：.*已关闭自动重试（autoRetry），需要手动重新同步。$/,
    unreachable: /s3 现在无法接收/,
    arrived: '重新同步完成：39 个副本已到达。',
    one: /^立即把 20.* 重新同步到 s3$/,
    sent: '已发出',
  },
} as const;

describe.skipIf(obstacle !== undefined).each(['en', 'zh'] as const)(
  'an operator whose server fails, in %s',
  (language) => {
    const words = WORDS[language];
    let fleet: ConsoleFleet;
    let browser: Browser;
    let watched: WatchedPage;
    let page: Page;

    beforeAll(async () => {
      browser = await launchBrowser();
    });
    afterAll(() => browser.close());
    const begin = async (env: Readonly<Record<string, string>>): Promise<void> => {
      fleet = await ConsoleFleet.start(env);
      const locale = language === 'zh' ? 'zh-CN' : 'en-US';
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale });
      watched = await WatchedPage.open(context);
      page = watched.page;
      await page.goto(await fleet.loginLink());
      await page.getByRole('navigation').waitFor();
    };
    afterEach(async () => {
      await page.context().close();
      await fleet.stop();
    });
    const go = (letter: 'f' | 'e') => page.keyboard.press('g').then(() => page.keyboard.press(letter));
    const answer = () => page.getByRole('main').locator('header');
    const images = (from: number) =>
      Array.from({ length: IMAGES }, (_, index) => ({
        name: `图 ${String(index)}.png`,
        bytes: squaresImage({ seed: from + index }),
      }));

    it('sees it at once, and sees the copies arrive when it is back', async () => {
      await begin({});
      await go('e');
      await answer().getByText(words.nothing).waitFor();
      await go('f');
      await answer().getByText(/s3/).waitFor({ state: 'detached' });
      const killedAt = performance.now();
      await fleet.kill(2);
      await answer().getByText(words.down).waitFor({ timeout: 15_000 });
      // The monitor needs three failed probes; what the console adds is what its issue allows: 5 s.
      expect(performance.now() - killedAt).toBeLessThan(10_000);
      await fleet.send(0, images(0));
      await answer().getByText(words.fleetWaits).waitFor({ timeout: 15_000 });
      await shoot(page, `fleet-down-${language}`);
      await go('e');
      await answer().getByText(words.waits).waitFor({ timeout: 15_000 });
      await page.getByRole('button', { name: words.show }).click();
      await page.getByRole('group', { name: words.list }).getByRole('listitem').first().waitFor();
      await page.getByRole('button', { name: words.all }).click();
      await page.getByText(words.unreachable).first().waitFor({ timeout: 20_000 });
      await shoot(page, `errors-waiting-${language}`);
      expect(await watched.axeFindings()).toEqual([]);
      await fleet.revive(2);
      await answer().getByText(words.nothing).waitFor({ timeout: 60_000 });
      expect(watched.complaints).toEqual([]);
    });

    it('replays one copy and then all of them, where nothing goes out by itself', async () => {
      await begin({ IMAGEFLEET_REPLICATION__AUTORETRY: 'false' });
      await fleet.kill(2);
      await fleet.send(0, images(100));
      await fleet.revive(2);
      await fleet.whenUp(2);
      await go('e');
      await answer().getByText(words.byHand).waitFor();
      await page.getByRole('button', { name: words.show }).click();
      await page.getByRole('button', { name: words.one }).first().click();
      await page.getByText(words.sent).first().waitFor({ timeout: 20_000 });
      await page.getByRole('button', { name: words.all }).click();
      await page.getByText(words.arrived).first().waitFor({ timeout: 60_000 });
      await shoot(page, `errors-replayed-${language}`);
      await answer().getByText(words.nothing).waitFor({ timeout: 60_000 });
      expect(watched.complaints).toEqual([]);
    });
  },
);
