import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Frame, Page, Request as PageRequest, Route } from 'playwright-core';
import { app } from './app.ts';
import { chromiumContext, isEnding } from './chromium.ts';
import { appAddress, pageAddress } from './double-settings.ts';
import { invokeHandler } from './ipc-main.ts';
import { askScheme } from './network.ts';
import { notes } from './notes.ts';
import { EMIT_FUNCTION, INVOKE_BINDING, pageWorld } from './page-world.ts';

interface WindowOptions {
  readonly webPreferences: { readonly preload: string };
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'deny' | 'allow' };

class WebContents extends EventEmitter {
  page: Page | undefined;
  openHandler: OpenHandler = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  send(channel: string, message: unknown): void {
    const emit = ([name, sent, told]: readonly [string, string, unknown]): void =>
      (globalThis as unknown as Record<string, (channel: string, message: unknown) => void>)[name]?.(sent, told);
    // A page that is just going hears nothing any more, as in Electron.
    this.page?.evaluate(emit, [EMIT_FUNCTION, channel, message] as const).catch(() => undefined);
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>();

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }

  readonly webContents = new WebContents();
  readonly #options: WindowOptions;
  #isLoading = false;

  constructor(options: WindowOptions) {
    super();
    this.#options = options;
    notes.windows.push(options);
    BrowserWindow.#all.add(this);
    app.emit('web-contents-created', {}, this.webContents);
  }

  async loadURL(url: string): Promise<void> {
    const context = chromiumContext();
    const page = context.pages()[0] ?? (await context.newPage());
    this.webContents.page = page;
    await page.exposeBinding(INVOKE_BINDING, ({ frame }, channel: string, message: unknown) =>
      invokeHandler(channel, { url: appAddress(frame.url()), isMain: frame.parentFrame() === null }, message),
    );
    await page.addInitScript(pageWorld(readFileSync(this.#options.webPreferences.preload, 'utf8')));
    await page.route('**/*', async (route, request) => {
      try {
        await this.#route(route, request);
      } catch (error) {
        // What was on its way when the window closed is answered to nobody.
        if (!page.isClosed() && !isEnding()) throw error;
      }
    });
    page.on('domcontentloaded', () => {
      this.webContents.emit('dom-ready');
      this.emit('ready-to-show');
    });
    page.on('popup', (popup) => this.#popup(popup));
    this.#isLoading = true;
    await page.goto(pageAddress(url));
  }

  isDestroyed(): boolean {
    return false;
  }

  isMinimized(): boolean {
    return false;
  }

  restore(): void {
    this.emit('restore');
  }

  show(): void {
    this.emit('show');
  }

  hide(): void {
    this.emit('hide');
  }

  focus(): void {
    this.emit('focus');
  }

  async #route(route: Route, request: PageRequest): Promise<void> {
    const url = appAddress(request.url());
    if (request.isNavigationRequest() && !this.#mayNavigate(url, request.frame())) {
      // As aborted, and not as failed: of a failure Chromium would show a page.
      await route.abort('aborted');
      return;
    }
    if (!url.startsWith('app:')) {
      await route.continue();
      return;
    }
    const response = await askScheme(url, request.method());
    const body = Buffer.from(await response.arrayBuffer());
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
  }

  /** What `loadURL` begins is asked of nobody, as in Electron. */
  #mayNavigate(url: string, frame: Frame): boolean {
    if (this.#isLoading) {
      this.#isLoading = false;
      return true;
    }
    let isPrevented = false;
    const isMainFrame = frame.parentFrame() === null;
    this.webContents.emit('will-frame-navigate', { url, isMainFrame, preventDefault: () => (isPrevented = true) });
    return !isPrevented;
  }

  #popup(popup: Page): void {
    const { action } = this.webContents.openHandler({ url: appAddress(popup.url()) });
    if (action === 'deny') void popup.close();
  }
}
