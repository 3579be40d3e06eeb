import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { DesktopAnswer, DesktopBridge } from '#bridge/desktop-bridge.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';
import type { ShellOutput } from '#bridge/shell-api.ts';
import { obstacle } from '../browser.ts';
import { ConsoleFleet } from '../console-fleet.ts';
import { callInPage, heardInPage, listenInPage, outputInPage } from './bridge-in-page.ts';
import { buildDesktop, DesktopProcess } from './desktop-process.ts';

const IMAGES = 5;
/** So many and so slow that a kill falls into the middle. */
const MANY = 40;
const SIZE_BYTES = 50_000;
const SLOW_BYTES_PER_SECOND = 100_000;
/** Electron's security checklist, and nothing of it left to a default. */
const SAFE = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
};

/** The built main, preload and engine, unmodified, on the double of Electron and with a real fleet. */
describe.skipIf(obstacle !== undefined)('the desktop app', () => {
  let fleet: ConsoleFleet;
  let folder: string;
  let app: DesktopProcess;

  beforeAll(async () => {
    buildDesktop();
    fleet = await ConsoleFleet.start();
    folder = await mkdtemp(join(tmpdir(), 'imagefleet-desktop-'));
    app = await DesktopProcess.start(join(folder, 'user'));
    await connect();
  });
  afterAll(async () => {
    await app.stop();
    await fleet.stop();
    // The last of Chromium's processes may still be writing.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  /** As an operator does it in the settings. */
  async function connect(): Promise<void> {
    const { page } = app;
    const servers = fleet.agents.map(({ url }) => url);
    await outputInPage(page, { api: 'shell', method: 'changeSettings', input: { servers } });
    const state = await outputInPage<ShellOutput<'keepKey'>>(page, {
      ...{ api: 'shell', method: 'keepKey', input: { key: fleet.key } },
    });
    expect([state.key, state.settings.servers]).toEqual(['kept', servers]);
  }
  const status = () =>
    outputInPage<EngineOutput<'readStatus'>>(app.page, { api: 'engine', method: 'readStatus', input: {} });
  const codeOf = (answer: DesktopAnswer) => (answer.isOk ? 'ok' : answer.error.code);

  it('reaches the fleet through preload, main and the engine, uploads a folder, and shows what is there', async () => {
    const { page } = app;
    await listenInPage(page);
    const { servers } = await outputInPage<OperatorOutput<'listServers'>>(page, {
      ...{ api: 'operator', method: 'listServers', input: { scope: 'fleet' } },
    });
    expect(servers.map(({ name }) => name).sort()).toEqual(['s1', 's2', 's3']);
    await mkdir(join(folder, 'pictures'));
    for (let seed = 0; seed < IMAGES; seed += 1) {
      await writeFile(join(folder, 'pictures', `${String(seed)}.png`), pngImage({ seed }));
    }
    const roots = [join(folder, 'pictures')];
    await outputInPage(page, { api: 'engine', method: 'addFolders', input: { roots } });
    await expect.poll(async () => (await status()).counts.done.files, { timeout: 30_000 }).toBe(IMAGES);
    const { items } = await outputInPage<EngineOutput<'listItems'>>(page, {
      ...{ api: 'engine', method: 'listItems', input: { state: 'done' } },
    });
    const width = await page.evaluate(async (path) => {
      const picture = new Image();
      picture.src = `/image/${path}`;
      await picture.decode();
      return picture.naturalWidth;
    }, items[0]?.image?.path ?? '');
    expect(width).toBeGreaterThan(0);
    await expect
      .poll(async () => (await heardInPage(page)).map(({ kind }) => kind))
      .toEqual(expect.arrayContaining(['engineState', 'liveState', 'liveEvent', 'queueChanged']));
  });

  it('shows the console under a policy that Chromium enforces', async () => {
    const { page } = app;
    expect(await page.title()).toBe('Imagefleet');
    const seen = await page.evaluate(async () => {
      const violations: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        violations.push(effectiveDirective),
      );
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.isInlineRun = true';
      document.body.append(inline);
      const isConnected = await fetch('https://example.com/').then(
        () => true,
        () => false,
      );
      const frame = document.createElement('iframe');
      frame.src = 'https://example.com/';
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const policy = (await fetch(location.href)).headers.get('Content-Security-Policy');
      return { violations, isInlineRun: 'isInlineRun' in globalThis, isConnected, policy };
    });
    expect(seen).toMatchObject({ isInlineRun: false, isConnected: false });
    expect(seen.violations).toEqual(expect.arrayContaining(['script-src-elem', 'connect-src', 'frame-src']));
    expect(seen.policy).toContain("default-src 'none'; script-src 'self'");
  });

  it('opens its window by the checklist, and asks the system for nothing that it does not need', async () => {
    const { windows, isSandboxed, hasPermissionHandlers, schemes } = await app.look();
    expect(windows.length).toBe(1);
    expect(windows[0]?.webPreferences).toMatchObject(SAFE);
    expect(isSandboxed).toBe(true);
    expect(hasPermissionHandlers).toEqual({ request: true, check: true, device: true });
    expect(schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ]);
  });

  it('refuses calls of other frames and of a wrong shape, with a code', async () => {
    const { page } = app;
    const foreign = await page.evaluate(async () => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const inner = frame.contentWindow as unknown as Record<string, (...said: unknown[]) => Promise<unknown>>;
      const call = { api: 'engine', method: 'readStatus', input: {} };
      return inner['__doubleInvoke']?.('imagefleet:call', call);
    });
    expect(codeOf(foreign as DesktopAnswer)).toBe('ORIGIN_FOREIGN');
    const shapes = [null, 7, 'x', [], { api: 'main' }, { api: 'engine', method: 'readStatus', input: {}, more: 1 }];
    const codes = await page.evaluate(async (calls) => {
      const { imagefleet } = globalThis as typeof globalThis & { imagefleet: DesktopBridge };
      return Promise.all(calls.map((call) => imagefleet.call(call as never)));
    }, shapes);
    expect(codes.map(codeOf)).toEqual(shapes.map(() => 'INPUT_INVALID'));
    expect(codeOf(await callInPage(page, { api: 'engine', method: 'explode', input: {} }))).toBe('NOT_FOUND');
    expect(codeOf(await callInPage(page, { api: 'operator', method: 'getImage', input: { path: 1 } }))).toBe(
      'INPUT_INVALID',
    );
  });

  it('stays where it is: no other page, no window, and only links of the fleet in the browser', async () => {
    const { page } = app;
    const before = page.url();
    await page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    const link = `${fleet.agent(0).url}/console`;
    await page.evaluate((url) => {
      window.open('https://example.com/');
      window.open(url);
    }, link);
    await expect.poll(async () => (await app.look()).opened, { timeout: 10_000 }).toEqual([link]);
    expect(page.url()).toBe(before);
    await expect.poll(() => page.context().pages().length).toBe(1);
  });

  it('starts the engine again when it dies, and calls wait meanwhile', async () => {
    const { page } = app;
    await listenInPage(page);
    const before = (await status()).counts.done.files;
    const [engine = 0] = (await app.look()).engines;
    process.kill(engine, 'SIGKILL');
    await expect
      .poll(async () => (await heardInPage(page)).map((news) => (news.kind === 'engineState' ? news.state : '')))
      .toContain('restarting');
    expect((await status()).counts.done.files).toBe(before);
    expect((await app.look()).engines.length).toBe(2);
  });

  it('goes on with the rest after it was killed in the middle of an upload', async () => {
    const roots = [join(folder, 'many')];
    await mkdir(join(folder, 'many'));
    for (let seed = 100; seed < 100 + MANY; seed += 1) {
      await writeFile(join(folder, 'many', `${String(seed)}.png`), pngImage({ seed, sizeBytes: SIZE_BYTES }));
    }
    const limit = (bytesPerSecond: number) =>
      outputInPage(app.page, { api: 'engine', method: 'setLimits', input: { bytesPerSecond } });
    await outputInPage(app.page, { api: 'engine', method: 'clearHistory', input: {} });
    await limit(SLOW_BYTES_PER_SECOND);
    await outputInPage(app.page, { api: 'engine', method: 'addFolders', input: { roots } });
    await expect.poll(async () => (await status()).bytesUnderWay, { timeout: 30_000 }).toBeGreaterThan(0);
    await app.stop();
    app = await DesktopProcess.start(join(folder, 'user'));
    const { counts } = await status();
    const files = Object.values(counts).reduce((sum, one) => sum + one.files, 0);
    expect([files, counts.failed.files]).toEqual([MANY, 0]);
    expect(counts.done.files).toBeLessThan(MANY);
    await limit(0);
    await expect
      .poll(
        async () => Object.entries((await status()).counts).flatMap(([state, one]) => (one.files > 0 ? [state] : [])),
        {
          timeout: 30_000,
        },
      )
      .toEqual(['done']);
  });

  it('keeps servers and key over a restart, and closes the engine before it ends', async () => {
    const engine = (await app.look()).engines.at(-1) ?? 0;
    expect(await app.quit()).toBe(0);
    await app.stop();
    expect(() => process.kill(engine, 0)).toThrow('ESRCH');
    app = await DesktopProcess.start(join(folder, 'user'), 'zh-CN');
    const state = await outputInPage<ShellOutput<'readSettings'>>(app.page, {
      ...{ api: 'shell', method: 'readSettings', input: {} },
    });
    expect([state.key, state.settings.servers.length]).toEqual(['kept', 3]);
    await expect
      .poll(async () => (await app.look()).tray?.toolTip, { timeout: 30_000 })
      .toContain('3 台服务器全部在线');
  });
});
