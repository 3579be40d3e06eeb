import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { DesktopCall, DesktopNews } from '#bridge/desktop-bridge.ts';
import { FakeBridge } from '#console/testing/fake-bridge.ts';
import { WatchedPage, type Language, type Theme } from './watched-page.ts';

const CONSOLE = join(import.meta.dirname, '../../dist/console');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** As strict as the one that the app sends. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** What the preload would put into the page; the calls go to a bridge in the process of the test. */
interface PageSide {
  callBridge(call: DesktopCall): Promise<unknown>;
  tellPage(news: DesktopNews): void;
}

/** The built console as the desktop app shows it, in a browser and without Electron. */
export class DesktopWindow {
  readonly bridge = new FakeBridge();
  readonly watched: WatchedPage;
  readonly #context: BrowserContext;
  readonly #server: Server;

  private constructor(context: BrowserContext, watched: WatchedPage, server: Server) {
    this.#context = context;
    this.watched = watched;
    this.#server = server;
  }

  get page(): Page {
    return this.watched.page;
  }

  static async open(browser: Browser, prepare: (bridge: FakeBridge) => void = () => undefined): Promise<DesktopWindow> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://page');
      const name = pathname.replace(/^\/console\//, '');
      readFile(join(CONSOLE, name)).then(
        (bytes) => {
          const type = TYPES[extname(name)] ?? 'application/octet-stream';
          response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY }).end(bytes);
        },
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    const opened = new DesktopWindow(context, await WatchedPage.open(context), server);
    prepare(opened.bridge);
    await opened.#join();
    return opened;
  }

  async show(place: string, language: Language = 'en', theme: Theme = 'light'): Promise<void> {
    const { state } = this.bridge.shell;
    this.bridge.shell.state = { ...state, settings: { ...state.settings, language } };
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the page has no port');
    await this.page.goto(`http://127.0.0.1:${String(address.port)}/console/desktop.html#/${place}`);
    await this.watched.prefer(language, theme);
    await this.page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
  }

  async tell(news: DesktopNews): Promise<void> {
    await this.page.evaluate((told) => (window as unknown as PageSide).tellPage(told), news);
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #join(): Promise<void> {
    await this.page.exposeFunction('callBridge', (call: DesktopCall) => this.bridge.call(call));
    await this.page.addInitScript(() => {
      const hearers = new Set<(news: DesktopNews) => void>();
      const side = window as unknown as PageSide & { imagefleet: unknown };
      side.tellPage = (news) => hearers.forEach((hear) => hear(news));
      side.imagefleet = {
        call: (call: DesktopCall) => side.callBridge(call),
        listen: (hear: (news: DesktopNews) => void) => {
          hearers.add(hear);
          return () => hearers.delete(hear);
        },
        pathOf: (file: File) => `/home/anna/${file.name}`,
      };
    });
  }
}
