import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, obstacle } from './browser.ts';
import { ConsoleFleet } from './console-fleet.ts';

describe.skipIf(obstacle !== undefined)('a page whose agent dies', () => {
  let fleet: ConsoleFleet;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
    browser = await launchBrowser();
    const context = await browser.newContext({ locale: 'en' });
    page = await context.newPage();
    await page.goto(await fleet.loginLink());
    await page.getByRole('navigation').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });

  it('says so, offers the others, and takes it back when the agent is there again', async () => {
    const notice = page.getByText('s1 does not answer any more');
    await fleet.kill(0);
    await notice.waitFor({ timeout: 10_000 });
    const others = page.getByRole('alert').getByRole('link');
    expect(await others.allTextContents()).toEqual(['s2', 's3']);
    const addresses = await Promise.all([others.first(), others.last()].map((link) => link.getAttribute('href')));
    expect(addresses).toEqual([1, 2].map((index) => `${fleet.agent(index).url}/console`));
    // What it offers is really a console.
    const other = await page.context().newPage();
    await other.goto(addresses[0] ?? '');
    await other.getByLabel('Security key', { exact: true }).waitFor();
    await other.close();

    // The agent may go away again while the page asks who is logged in: what is on the screen stays.
    let asked = 0;
    await page.route('**/api/v1/session', (route) => {
      asked += 1;
      return route.abort();
    });
    await fleet.revive(0);
    await notice.waitFor({ state: 'detached', timeout: 30_000 });
    await page.getByText('live', { exact: true }).waitFor();
    await expect.poll(() => asked).toBeGreaterThan(0);
    await page.waitForTimeout(500);
    expect(await page.getByRole('navigation', { name: 'Pages' }).count()).toBe(1);
  });

  it('says so as well when the agent only goes silent, as its machine does in a power cut', async () => {
    const context = await browser.newContext({ locale: 'en' });
    const silent = await context.newPage();
    await silent.clock.install();
    await silent.goto(await fleet.loginLink(1));
    await silent.getByText('live', { exact: true }).waitFor();
    await silent.getByText('all 3 servers up').waitFor({ timeout: 60_000 });
    const notice = silent.getByText('s2 does not answer any more');
    const { pid } = fleet.agent(1);
    process.kill(pid, 'SIGSTOP');
    try {
      // Two beats that do not come.
      await silent.clock.fastForward(33_000);
      await silent.getByText('connection lost, trying again').waitFor();
      expect(await silent.getByText('all 3 servers up').count()).toBe(0);
      await notice.waitFor();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await notice.waitFor({ state: 'detached', timeout: 30_000 });
    await silent.getByText('live', { exact: true }).waitFor();
    await context.close();
  });
});
