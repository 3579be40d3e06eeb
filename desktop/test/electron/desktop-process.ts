import { fork, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../browser.ts';
import { DOUBLE_ENV } from './double/double-settings.ts';
import type { NotedMenuItem } from './double/notes.ts';
import type { RemoteOrder } from './double/remote-control.ts';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'desktop/dist/app/main.cjs');
const REGISTER = new URL('./double/register.ts', import.meta.url).href;
const START_LIMIT_MS = 30_000;
const CHROMIUM_LIMIT_MS = 20_000;

/** What the system around the app was asked for. */
export interface SystemNotes {
  readonly isSandboxed: boolean;
  readonly loginItem: unknown;
  readonly schemes: readonly unknown[];
  readonly windows: readonly { readonly webPreferences: Readonly<Record<string, unknown>> }[];
  readonly hasPermissionHandlers: Readonly<Record<string, boolean>>;
  readonly tray: {
    readonly image: string;
    readonly toolTip: string;
    readonly menu: readonly Omit<NotedMenuItem, 'click'>[];
  } | null;
  readonly notices: readonly { readonly title: string; readonly body: string }[];
  readonly opened: readonly string[];
  readonly copied: readonly string[];
  /** Process ids of the engines that were started, the last one last. */
  readonly engines: readonly number[];
}

/** Builds what the tests run, in a process of its own: Vite in here would build for tests. */
export function buildDesktop(): void {
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, ['scripts/build-desktop.ts'], { cwd: ROOT, env, stdio: 'inherit' });
}

/** The built app on the double of Electron, in a process of its own, with its page as the test sees it. */
export class DesktopProcess {
  readonly page: Page;
  readonly #child: ChildProcess;
  readonly #browser: Browser;
  #lastId = 0;

  private constructor(child: ChildProcess, browser: Browser, page: Page) {
    this.#child = child;
    this.#browser = browser;
    this.page = page;
  }

  /** `userData` is the app's folder, which outlives its process. */
  static async start(userData: string, locale = 'en-US'): Promise<DesktopProcess> {
    const env = {
      ...process.env,
      [DOUBLE_ENV.userData]: userData,
      [DOUBLE_ENV.locale]: locale,
      [DOUBLE_ENV.chromium]: findChromium(),
    };
    const portFile = join(userData, 'chromium/DevToolsActivePort');
    // That of the run before would lead to nobody.
    rmSync(portFile, { force: true });
    const started = performance.now();
    const child = fork(MAIN, [], { env, execArgv: ['--import', REGISTER] });
    try {
      const browser = await joinChromium(portFile, child, started);
      return new DesktopProcess(child, browser, await pageOf(browser));
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Does something to the system around the app, and answers what the app has asked of it so far. */
  async remote(order: RemoteOrder): Promise<SystemNotes> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      const hear = (answer: { readonly id: number; readonly notes?: SystemNotes; readonly error?: string }): void => {
        if (answer.id !== id) return;
        this.#child.off('message', hear);
        if (answer.notes === undefined) reject(new Error(answer.error));
        else resolve(answer.notes);
      };
      this.#child.on('message', hear);
      this.#child.send({ id, order });
    });
  }

  look(): Promise<SystemNotes> {
    return this.remote({ do: 'look' });
  }

  /** Ends it as a person does; answers its exit code. */
  async quit(): Promise<number | null> {
    const exited = this.#exited();
    this.#child.send({ id: 0, order: { do: 'quit' } });
    return exited;
  }

  /** Ends it at once, with whatever is left of it. */
  async stop(): Promise<void> {
    const { engines } = this.#child.connected ? await this.look() : { engines: [] };
    const exited = this.#exited();
    this.#child.kill('SIGKILL');
    await exited;
    await this.#chromiumGone();
    // They end by themselves when their parent is gone; the test's folder goes sooner.
    for (const pid of engines) endIfThere(pid);
  }

  /** It ends with the app that started it; until then its profile is in use. */
  async #chromiumGone(): Promise<void> {
    if (!this.#browser.isConnected()) return;
    const limit = AbortSignal.timeout(CHROMIUM_LIMIT_MS);
    await new Promise<void>((resolve, reject) => {
      this.#browser.once('disconnected', () => resolve());
      limit.addEventListener('abort', () => reject(new Error('Chromium did not end with the app')));
    });
  }

  async #exited(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const [code] = (await once(this.#child, 'exit')) as [number | null];
    return code;
  }
}

async function joinChromium(portFile: string, child: ChildProcess, started: number): Promise<Browser> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('the app ended while it started');
    if (performance.now() - started > START_LIMIT_MS) throw new Error('the app did not start in time');
    const port = portIn(portFile);
    if (port !== undefined) return chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    await delay(50);
  }
}

function portIn(file: string): string | undefined {
  try {
    // Its second line is the browser's own address: with it the first one is whole.
    return /^(\d+)\n./.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

async function pageOf(browser: Browser): Promise<Page> {
  for (let tries = 0; tries < 300; tries += 1) {
    const pages = browser.contexts().flatMap((context) => context.pages());
    const page = pages.find((one) => one.url().startsWith('https://app--ui/'));
    if (page !== undefined) return page;
    await delay(50);
  }
  throw new Error('the app opened no window');
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
