import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { obstacle } from '../browser.ts';
import { ConsoleFleet } from '../console-fleet.ts';
import { heardInPage, listenInPage, outputInPage } from './bridge-in-page.ts';
import { buildDesktop, DesktopProcess } from './desktop-process.ts';

/** Detection, the time in which others are waited for, and a machine that is busy with a browser beside. */
const TOLD_WITHIN_MS = 40_000;
/** Start, warm-up, and what the fleet needs to see it. */
const BACK_WITHIN_MS = 90_000;

describe.skipIf(obstacle !== undefined)('the tray and its notifications', () => {
  let fleet: ConsoleFleet;
  let folder: string;
  let app: DesktopProcess;

  beforeAll(async () => {
    buildDesktop();
    fleet = await ConsoleFleet.start();
    folder = await mkdtemp(join(tmpdir(), 'imagefleet-desktop-'));
    app = await DesktopProcess.start(join(folder, 'user'));
  });
  afterAll(async () => {
    await app.stop();
    await fleet.stop();
    // The last of Chromium's processes may still be writing.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  const icon = async () => /(\w+)\.png$/.exec((await app.look()).tray?.image ?? '')?.[1];
  const titles = async () => (await app.look()).notices.map(({ title }) => title);

  it('tell once of a server that died and once of its return, and a click leads to it', async () => {
    const { page } = app;
    await listenInPage(page);
    const servers = fleet.agents.map(({ url }) => url);
    await outputInPage(page, { api: 'shell', method: 'changeSettings', input: { servers } });
    await outputInPage(page, { api: 'shell', method: 'keepKey', input: { key: fleet.key } });
    await expect.poll(icon, { timeout: BACK_WITHIN_MS }).toBe('ok');
    await fleet.kill(1);
    await expect.poll(icon, { timeout: TOLD_WITHIN_MS }).toBe('down');
    await expect.poll(titles, { timeout: TOLD_WITHIN_MS }).toEqual(['s2 is down']);
    const { notices, tray } = await app.look();
    expect(notices[0]?.body).toMatch(/^Since .*\. 2 of 3 servers work; uploads and images go on there\.$/);
    expect(tray?.menu.map(({ label }) => label)).toContain('s2: down');
    await app.remote({ do: 'clickNotice', index: 0 });
    await expect
      .poll(async () => (await heardInPage(page)).filter(({ kind }) => kind === 'goTo'))
      .toEqual([{ kind: 'goTo', page: 'fleet', server: 's2' }]);
    await fleet.revive(1);
    await expect.poll(titles, { timeout: BACK_WITHIN_MS }).toEqual(['s2 is down', 's2 is up again']);
    await expect.poll(icon, { timeout: BACK_WITHIN_MS }).toBe('ok');
  });

  it('tell once of two servers that died together, and say what still works', async () => {
    const before = (await app.look()).notices.length;
    await Promise.all([fleet.kill(0), fleet.kill(2)]);
    const since = async () => (await titles()).slice(before);
    await expect.poll(since, { timeout: TOLD_WITHIN_MS }).toEqual(['2 servers are down']);
    const { notices } = await app.look();
    expect(notices.at(-1)?.body).toMatch(/1 of 3 servers work; uploads and images go on there\.$/);
    await Promise.all([fleet.revive(0), fleet.revive(2)]);
    await expect.poll(since, { timeout: BACK_WITHIN_MS }).toEqual(['2 servers are down', '2 servers are up again']);
  });

  it('pause and resume uploads from the menu', async () => {
    const labels = async () => (await app.look()).tray?.menu.map(({ label }) => label);
    await app.remote({ do: 'clickMenu', label: 'Pause uploads' });
    await expect.poll(labels, { timeout: 10_000 }).toContain('Resume uploads');
    await app.remote({ do: 'clickMenu', label: 'Resume uploads' });
    await expect.poll(labels, { timeout: 10_000 }).toContain('Pause uploads');
  });
});
