import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { anAgent } from '#console/features/fleet/testing/an-agent.ts';
import { aReport, anItem, items } from '#console/testing/fake-queue.ts';
import type { FakeBridge } from '#console/testing/fake-bridge.ts';
import { launchBrowser, obstacle } from './browser.ts';
import { DesktopWindow } from './desktop-window.ts';
import { dropFiles } from './drop-files.ts';
import { screenshotFile } from './screenshots.ts';

const LOOKS = (['zh', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => ({ language, theme })),
);
const HOLDING = { code: 'PEER_UNREACHABLE', message: 'connect ECONNREFUSED', since: Date.now() } as const;

/** An upload in the middle, with a file in each state. */
function aMorning({ queue, servers }: FakeBridge): void {
  const failure = { code: 'FILE_CHANGED', message: 'it was changed' } as const;
  queue.list = [
    ...[anItem(1, { state: 'done' }), anItem(2, { state: 'present' }), anItem(3, { state: 'failed', failure })],
    ...[anItem(4, { state: 'uploading', sentBytes: 400 }), anItem(5, { state: 'inDoubt' })],
    ...[anItem(6, { state: 'paused' }), anItem(7, { state: 'cancelled' }), anItem(8, { state: 'hashing' })],
    ...items(60, 'queued', 9),
  ];
  queue.standing = { bytesPerSecond: 3_000_000, secondsLeft: 190, bytesUnderWay: 400 };
  queue.report = aReport(
    { new: 1200, present: 34, twin: 2, unsupported: 1 },
    {
      forecastSeconds: 200,
      passedOver: { notImage: { count: 7, examples: [{ file: '/a/b.txt', path: 'b.txt', reason: 'notImage' }] } },
    },
  );
  servers.set('listServers', () => ({ servers: [], silent: [] }));
  servers.set('summarizeDeliveries', () => ({ total: 0, groups: [], silent: [] }));
}

describe.skipIf(obstacle !== undefined)('the desktop app shows', () => {
  let browser: Browser;
  const opened: DesktopWindow[] = [];
  const open = async (prepare: (bridge: FakeBridge) => void): Promise<DesktopWindow> => {
    const window = await DesktopWindow.open(browser, prepare);
    opened.push(window);
    return window;
  };

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    for (const window of opened) await window.close();
    await browser.close();
  });

  it.each(LOOKS)('pages without anything to complain of: $language, $theme', async ({ language, theme }) => {
    const window = await open(aMorning);
    const { page, watched, bridge } = window;
    const look = async (name: string): Promise<void> => {
      await page.waitForTimeout(300);
      await page.screenshot({ path: screenshotFile(`desktop-${name}-${language}-${theme}`) });
      expect([name, await watched.axeFindings(), watched.complaints]).toEqual([name, [], []]);
    };
    await window.show('upload', language, theme);
    await page.getByRole('listitem').first().waitFor();
    await look('upload');
    bridge.queue.standing = { ...bridge.queue.standing, holding: HOLDING };
    await page.getByRole('button', { name: language === 'zh' ? '选择文件夹' : 'Choose folders' }).click();
    await page.getByRole('region', { name: language === 'zh' ? '上传预演' : 'What this upload would do' }).waitFor();
    await look('dry-run');
    await window.tell({ kind: 'engineState', state: 'restarting' });
    await page.getByRole('alert').waitFor();
    await look('engine-restarts');
    bridge.queue.list = [];
    await window.show('upload', language, theme);
    await look('empty');
    await window.show('settings', language, theme);
    await look('settings');
    bridge.shell.state = {
      ...bridge.shell.state,
      key: 'locked',
      settings: { ...bridge.shell.state.settings, servers: [] },
    };
    bridge.refusals.set('listServers', new FleetError('KEY_WRONG', 'the key is wrong'));
    await window.show('upload', language, theme);
    await page.getByRole('textbox').first().fill('http://10.0.0.1:7401');
    await page.getByRole('button', { name: language === 'zh' ? '保存并测试' : 'Save and test' }).click();
    await page.getByText('KEY_WRONG').waitFor();
    await look('first-run');
  });

  it('where the upload goes on after a start, and lets go of it', async () => {
    const window = await open(({ queue }) => {
      queue.list = [...items(1204, 'done'), ...items(3, 'inDoubt', 1205), ...items(793, 'queued', 1208)];
    });
    await window.show('upload');
    const banner = window.page.getByRole('status', { name: 'The upload goes on where it was' });
    await banner.getByText('1,204 done, 3 in doubt, 793 left.').waitFor();
    await banner.getByRole('button', { name: 'Dismiss' }).click();
    await banner.waitFor({ state: 'detached' });
  });

  it('a look at what was dropped, and adds it when that is wanted', async () => {
    const window = await open(({ queue }) => {
      queue.filesInFolder = 40;
      queue.report = aReport({ new: 40, present: 2 });
    });
    const { page, bridge } = window;
    const folder = join(await mkdtemp(join(tmpdir(), 'imagefleet-drop-')), '假期');
    await mkdir(folder);
    onTestFinished(() => rm(dirname(folder), { recursive: true }));
    await window.show('fleet');
    await dropFiles(page, [folder]);
    await page.getByText('40 images go out, 39.1 KB').waitFor();
    expect(bridge.queue.list.length).toBe(0);
    await page.getByRole('button', { name: 'Upload', exact: true }).click();
    await page.getByText('Added 40 files.').waitFor();
    expect(bridge.calls.filter(({ method }) => method === 'addFolders').map(({ input }) => input)).toEqual([
      { roots: ['/home/anna/假期'] },
    ]);
    await page.getByText('0 of 40 files').first().waitFor();
  });

  it('a list of 100,000 files of which few are in the page, and does to one what is asked', async () => {
    const window = await open(({ queue }) => {
      queue.list = items(100_000);
    });
    const { page, bridge } = window;
    await window.show('upload');
    const list = page.getByRole('region', { name: 'Files' });
    await list.getByText('图 1.png').waitFor();
    expect(await list.getByRole('listitem').count()).toBeLessThan(60);
    await list.evaluate((element) => element.scrollTo(0, 36 * 61_000));
    await list.getByRole('button', { name: 'Cancel 图 61005.png', exact: true }).click();
    await list.getByText('cancelled').waitFor();
    expect(bridge.queue.list.filter(({ state }) => state === 'cancelled').map(({ key }) => key)).toEqual([61_005]);
    await page.getByRole('button', { name: 'cancelled 1' }).click();
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
  });

  it('links in the form that was chosen, for the clipboard and for a file', async () => {
    const window = await open(({ queue }) => {
      queue.list = items(2, 'done');
    });
    const { page, bridge } = window;
    await window.show('upload');
    await page.getByLabel('Form of the links').selectOption('markdown');
    await page.getByRole('button', { name: 'Copy 2 links' }).click();
    await page.getByText('Copied 2 links').waitFor();
    expect(bridge.shell.copied).toBe(
      '![图 1.png](http://i.example/2026/3/9/1.png)\n![图 2.png](http://i.example/2026/3/9/2.png)',
    );
    await page.getByRole('button', { name: 'Copy the link of 图 2.png' }).click();
    await expect.poll(() => bridge.shell.copied).toBe('![图 2.png](http://i.example/2026/3/9/2.png)');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    await page.getByText('Saved 2 rows').waitFor();
    expect(bridge.queue.written).toEqual(['/home/anna/out.txt']);
  });

  it('what is typed wrong at its field, and then who answers', async () => {
    const window = await open((bridge) => {
      bridge.shell.state = {
        ...bridge.shell.state,
        key: 'none',
        settings: { ...bridge.shell.state.settings, servers: [] },
      };
    });
    const { page, bridge } = window;
    await window.show('upload');
    await page.getByRole('heading', { name: 'Which servers are yours?' }).waitFor();
    const save = page.getByRole('button', { name: 'Save and test' });
    await page.getByRole('textbox', { name: 'Servers' }).fill('10.0.0.1:7401');
    await save.click();
    await page.getByText('"10.0.0.1:7401" is no address.').waitFor();
    await page.getByRole('textbox', { name: 'Servers' }).fill('http://10.0.0.1:7401');
    await page.getByRole('textbox', { name: 'Security key' }).fill('a key');
    bridge.refusals.set('listServers', new FleetError('KEY_WRONG', 'the key is wrong'));
    await save.click();
    await page.getByText('KEY_WRONG').waitFor();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Security key' }).getAttribute('aria-invalid'))
      .toBe('true');
    bridge.refusals.clear();
    bridge.servers.set('listServers', () => ({ servers: [], silent: [] }));
    await save.click();
    await page.getByText('It works').waitFor();
    expect(bridge.shell.state).toMatchObject({ key: 'kept', settings: { servers: ['http://10.0.0.1:7401'] } });
  });

  it('the page that a notification is about', async () => {
    const window = await open((bridge) => {
      aMorning(bridge);
      bridge.servers.set('listServers', () => ({ servers: [anAgent('s1'), anAgent('s2')], silent: [] }));
    });
    await window.show('upload');
    await window.tell({ kind: 'goTo', page: 'fleet', server: 's2' });
    const s2 = window.page.getByRole('button', { name: 'Hide details of s2' });
    await s2.waitFor();
    expect(await window.page.getByRole('button', { name: 'Show details of s1' }).count()).toBe(1);
  });
});
