import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { WatchedPage } from './watched-page.ts';

const IMAGES = 30;

interface Listed {
  readonly images: readonly { readonly path: string; readonly link: string; readonly originalName: string }[];
}

describe.skipIf(obstacle !== undefined)('the images page', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let listed: Listed['images'];

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
    const files = Array.from({ length: IMAGES }, (_, seed) => ({
      name: `西湖 ${String(seed)}.png`,
      bytes: squaresImage({ seed }),
    }));
    await fleet.upload(0, files);
    listed = ((await (await fleet.call(0, '/images')).json()) as Listed).images;
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: fleet.agent(0).url });
    watched = await WatchedPage.open(context);
    page = watched.page;
    await page.goto(await fleet.loginLink());
    await page.getByRole('navigation').waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });

  const options = () => page.getByRole('listbox', { name: 'Images found' }).getByRole('option');
  const panel = () => page.getByRole('complementary');
  const visit = (query: string) => page.goto(`${fleet.agent(0).url}/console#/images${query}`);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());

  it("shows today's images with their pictures", async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByText(/^30 images on \d{4}-\d{2}-\d{2}$/).waitFor();
    const picture = options().first().getByRole('img');
    await expect.poll(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
    expect(listed[0]?.originalName).toBe(await picture.getAttribute('alt'));
  });

  it('finds by name, keeps the search in the address, and finds by a whole link', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('西湖 17');
    await page.getByText('1 image found in all days').waitFor();
    expect(new URL(page.url()).hash).toBe(`#/images?${new URLSearchParams({ q: '西湖 17' }).toString()}`);
    await page.getByRole('searchbox').fill(listed[5]?.link ?? '');
    await expect.poll(() => options().getByRole('img').getAttribute('alt')).toBe(listed[5]?.originalName);
    await page.getByRole('searchbox').fill('nothing like this');
    await page.getByText('Nothing found for “nothing like this”').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByText(/^30 images on /).waitFor();
  });

  it('opens an image by the keyboard, says which servers hold it, and copies its link in every form', async () => {
    await visit('?day=all');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const image = listed[1];
    await panel().getByText('On all 3 servers').waitFor();
    for (const { name } of fleet.agents)
      await panel()
        .getByText(new RegExp(`^${name} . stored$`))
        .waitFor();
    await panel()
      .getByText(image?.path ?? '', { exact: true })
      .waitFor();
    for (const [format, text] of [
      ['URL', image?.link],
      ['Markdown', `![${image?.originalName ?? ''}](${image?.link ?? ''})`],
      ['HTML', `<img src="${image?.link ?? ''}" alt="${image?.originalName ?? ''}">`],
      ['BBCode', `[img]${image?.link ?? ''}[/img]`],
    ] as const) {
      await panel()
        .getByRole('button', { name: `Copy as ${format}` })
        .click();
      await panel().getByText(`Copied as ${format}`).waitFor();
      expect(await copied()).toBe(text);
    }
    const open = panel().getByRole('link', { name: 'Open in a new tab' });
    expect([await open.getAttribute('href'), await open.getAttribute('rel')]).toEqual([image?.link, 'noreferrer']);
    await page.keyboard.press('Escape');
    await expect.poll(() => panel().count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('listbox');
  });

  it('comes back to the image that a colleague sent', async () => {
    const path = listed[7]?.path ?? '';
    await visit(`?day=all&path=${encodeURIComponent(path)}`);
    await page.reload();
    await panel().getByText(path, { exact: true }).waitFor();
    expect(await watched.axeFindings()).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('takes up what is uploaded meanwhile', async () => {
    await visit('?day=all');
    await page.getByText('30 images on s1').waitFor();
    await fleet.upload(0, [{ name: 'new.png', bytes: squaresImage({ seed: IMAGES }) }]);
    await page.getByText('31 images on s1').waitFor({ timeout: 10_000 });
  });

  it('stays where one looks while images come in above', async () => {
    const day = listed[0]?.path.split('/').slice(0, 3).join('/') ?? '';
    await page.setViewportSize({ width: 420, height: 700 });
    await visit('?day=all');
    await page.getByText(/^\d+ images on s1$/).waitFor();
    const list = page.getByRole('listbox');
    const rowPx = 184;
    await list.evaluate((element, top) => element.scrollTo({ top }), 8 * rowPx);
    const firstRow = () =>
      list.evaluate((element) => {
        const top = element.getBoundingClientRect().top;
        const options = [...element.querySelectorAll('[role="option"]')];
        const seen = options.filter((option) => Math.abs(option.getBoundingClientRect().top - top) < 2);
        return seen.map((option) => option.querySelector('img')?.alt);
      });
    await expect.poll(firstRow).toHaveLength(2);
    const [looked] = await firstRow();
    // One at a time, each with an id that comes first: every one pushes all others on by a place.
    for (const place of [1, 2, 3, 4, 5]) {
      const id = `${day}/00000000-0000-4000-8000-00000000000${place}`;
      await fleet.upload(0, [{ name: `above ${place}.png`, bytes: squaresImage({ seed: 100 + place }), id }]);
      await page.getByText(`${IMAGES + 1 + place} images on s1`).waitFor({ timeout: 10_000 });
      expect(await firstRow()).toContain(looked);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('is clean in rows, which are remembered', async () => {
    const path = listed[0]?.path ?? '';
    await page.getByLabel('View').selectOption('rows');
    await options().getByText(path).waitFor();
    await page.reload();
    await options().getByText(path).waitFor();
    expect(await watched.axeFindings()).toEqual([]);
  });

  it('shows the proof and saves it as it is shown', async () => {
    await page.getByRole('button', { name: 'Proof report' }).click();
    await panel().getByText('All servers hold the same images').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      panel().getByRole('button', { name: 'Download the report' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^imagefleet-proof-\d{8}-\d{6}\.json$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const document = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      result: string;
      statement: { en: string };
    };
    expect(document.result).toBe('same');
    await panel().getByText(document.statement.en).waitFor();
    expect(await watched.axeFindings()).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
