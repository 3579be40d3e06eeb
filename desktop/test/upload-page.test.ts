import type { Browser, Page } from 'playwright-core';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { pngImage, squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { dropFiles } from './drop-files.ts';
import { shoot } from './screenshots.ts';
import { WORDS } from './upload-words.ts';
import { WatchedPage } from './watched-page.ts';

const LARGE_BYTES = 6_000_000;
/** So slow that a lost connection falls into the middle of the large file. */
const SLOW_BYTES_PER_SECOND = 1_000_000;

interface Listed {
  readonly images: readonly { readonly link: string; readonly originalName: string; readonly sizeBytes: number }[];
}

describe.skipIf(obstacle !== undefined)('an operator uploads', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imagefleet-dropped-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const stored = async (name: string): Promise<Listed['images']> => {
    const { images } = (await (await fleet.call(0, '/images?limit=500')).json()) as Listed;
    return images.filter(({ originalName }) => originalName === name);
  };
  const open = async (language: 'en' | 'zh'): Promise<WatchedPage> => {
    const locale = language === 'zh' ? 'zh-CN' : 'en-US';
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: fleet.agent(0).url });
    const watched = await WatchedPage.open(context);
    await watched.page.goto(await fleet.loginLink());
    await ready(watched.page);
    return watched;
  };

  describe.each(['en', 'zh'] as const)('in %s', (language) => {
    const words = WORDS[language];
    /** Other images than those of the other language. */
    const seed = language === 'en' ? 1000 : 2000;
    let watched: WatchedPage;
    let page: Page;

    beforeEach(async () => {
      watched = await open(language);
      page = watched.page;
    });
    afterEach(() => page.context().close());

    it('a folder that is dropped: links, duplicates, and a table', async () => {
      const album = join(folder, '相册 album');
      await mkdir(join(album, 'inner'), { recursive: true });
      for (let index = 0; index < 7; index += 1) {
        const place = index % 2 === 0 ? album : join(album, 'inner');
        await writeFile(join(place, `${words.season} ${String(index)}.png`), squaresImage({ seed: seed + index }));
      }
      await writeFile(join(album, 'notes.txt'), 'no image');
      await dropFiles(page, [album]);
      await page.getByText(words.skipped).waitFor();
      await page.locator('header').getByText(words.finished).waitFor({ timeout: 30_000 });
      // The receipt of every server, for every file.
      for (const { name } of fleet.agents) {
        const marks = page.getByRole('img', { name: language === 'zh' ? `${name}: 已存` : `${name}: stored` });
        await expect.poll(() => marks.count(), { timeout: 20_000 }).toBe(7);
      }
      await page.getByRole('button', { name: words.copyAll }).click();
      await page.getByText(words.copied).waitFor();
      await shoot(page, `upload-done-${language}`);
      const links = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
      expect(new Set(links).size).toBe(7);
      for (const link of links) {
        const answers = await Promise.all(
          fleet.agents.map(async ({ url }) => (await fetch(url + new URL(link).pathname)).status),
        );
        expect(answers).toEqual([200, 200, 200]);
      }
      await page.getByRole('button', { name: words.copyOne }).click();
      await page.getByRole('button', { name: words.copiedOne }).waitFor();
      expect(links).toContain(await page.evaluate(() => navigator.clipboard.readText()));
      const table = await saved(page, words.csv);
      expect(table.charCodeAt(0)).toBe(0xfeff);
      const rows = table.slice(1).trim().split('\r\n');
      expect(rows[0]).toBe('path,name,sizeBytes,state,link,imagePath,sha256,error');
      expect(rows).toHaveLength(8);
      for (const row of rows.slice(1))
        expect(row).toMatch(new RegExp(String.raw`^相册 album/(inner/)?(${words.season} \d\.png),\2,\d+,done,http`));
      expect(
        rows
          .slice(1)
          .map((row) => row.split(',')[4])
          .sort(),
      ).toEqual(links.toSorted());
      expect(await watched.axeFindings()).toEqual([]);

      // The same folder again: nothing is sent, and the links are the same.
      const sent: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST' && request.url().endsWith('/api/v1/images')) sent.push(request.url());
      });
      await page.reload();
      await ready(page);
      await dropFiles(page, [album]);
      await page.locator('header').getByText(words.again).waitFor({ timeout: 30_000 });
      await page.getByRole('button', { name: words.copyAll }).click();
      await page.getByText(words.copied).waitFor();
      expect((await page.evaluate(() => navigator.clipboard.readText())).split('\n').sort()).toEqual(links.toSorted());
      expect(sent).toEqual([]);
      // Whoever wants one twice gets it twice.
      await page.getByRole('button', { name: words.once }).click();
      await expect.poll(() => sent.length).toBe(1);
      await expect.poll(async () => (await stored(`${words.season} 3.png`)).length).toBe(2);
      expect(watched.complaints).toEqual([]);
    });

    it('a file that is refused: it says why, and goes again when it was put right', async () => {
      const [good, bad] = [join(folder, `good ${language}.png`), join(folder, `bad ${language}.png`)];
      await writeFile(good, squaresImage({ seed: seed + 20 }));
      await writeFile(bad, '<!doctype html>');
      await dropFiles(page, [folder]);
      await page.locator('header').getByText(words.failed).waitFor({ timeout: 30_000 });
      await page.getByRole('listitem').getByText(errorSentence('NOT_AN_IMAGE', language).title).waitFor();
      expect(await stored(`bad ${language}.png`)).toEqual([]);
      await shoot(page, `upload-failed-${language}`);
      await writeFile(bad, squaresImage({ seed: seed + 21 }));
      await page.getByRole('button', { name: words.retryAll }).click();
      await page.locator('header').getByText(words.retried).waitFor({ timeout: 30_000 });
      expect(await stored(`bad ${language}.png`)).toHaveLength(1);
    });

    it('and pauses, goes on, and cancels', async () => {
      await slow(page, 300_000);
      await chooseFiles(page, folder, [
        ['one.png', pngImage({ seed: seed + 30, sizeBytes: 3_000_000 })],
        ['two.png', pngImage({ seed: seed + 31, sizeBytes: 3_000_000 })],
      ]);
      await page.locator('[data-state="uploading"]').first().waitFor();
      await page.getByRole('button', { name: words.pause, exact: true }).click();
      await page.locator('header').getByText(words.paused).waitFor();
      await expect.poll(() => page.locator('[data-state="uploading"]').count()).toBe(0);
      await page.getByRole('button', { name: words.resume }).click();
      await page.locator('[data-state="uploading"]').first().waitFor();
      // Leaving now would lose it, so that it is asked first.
      await page.getByRole('button', { name: words.logout }).click();
      await page.getByRole('button', { name: words.reallyLogout }).waitFor();
      await page.getByRole('button', { name: words.cancel, exact: true }).click();
      await page.getByRole('group', { name: words.cancelAsk }).waitFor();
      await shoot(page, `upload-cancel-${language}`);
      await page.getByRole('button', { name: words.cancelYes }).click();
      await page.locator('header').getByText(words.nothing).waitFor();
      expect([...(await stored('one.png')), ...(await stored('two.png'))]).toEqual([]);
    });

    it('while its server goes away in the middle of a large file: sent again, stored once', async () => {
      const name = `large ${language}.png`;
      const bytes = pngImage({ seed: seed + 40, sizeBytes: LARGE_BYTES });
      await slow(page, SLOW_BYTES_PER_SECOND);
      await chooseFiles(page, folder, [[name, bytes]]);
      await expect.poll(() => percentOf(page), { timeout: 20_000 }).toBeGreaterThan(20);
      await fleet.kill(0);
      await page.getByText(words.lost).first().waitFor({ timeout: 20_000 });
      await shoot(page, `upload-lost-${language}`);
      await fleet.revive(0);
      await page.locator('header').getByText(words.arrived).waitFor({ timeout: 90_000 });
      const [image, ...more] = await stored(name);
      expect(more).toEqual([]);
      const there = Buffer.from(await (await fetch(image?.link ?? '')).arrayBuffer());
      expect(there.equals(bytes)).toBe(true);
    });

    it('while another server is down: it says which copy waits, and that it has come', async () => {
      await fleet.kill(2);
      await chooseFiles(page, folder, [['waits.png', squaresImage({ seed: seed + 50 })]]);
      await page.locator('header').getByText(words.arrived).waitFor({ timeout: 30_000 });
      await page.getByRole('img', { name: new RegExp(`^${words.waits}`) }).waitFor();
      await fleet.revive(2);
      await page.getByRole('img', { name: words.stored }).waitFor({ timeout: 60_000 });
    });
  });
});

/** The page takes what is dropped. */
function ready(page: Page): Promise<void> {
  return page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
}

async function chooseFiles(page: Page, folder: string, files: readonly (readonly [string, Buffer])[]): Promise<void> {
  const paths = await Promise.all(
    files.map(async ([name, bytes]) => {
      const path = join(folder, name);
      await writeFile(path, bytes);
      return path;
    }),
  );
  await page.locator('input[type="file"]').first().setInputFiles(paths);
}

async function slow(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond },
  });
}

async function percentOf(page: Page): Promise<number> {
  const bar = page.locator('[data-state="uploading"] progress').first();
  return (await bar.count()) === 0 ? 0 : Number(await bar.getAttribute('value'));
}

async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFile(await download.path(), 'utf8');
}
