import { app, BrowserWindow, session } from 'electron';
import { PAGE_URL } from '#main/app-protocol.ts';
import { mayNavigate, SAFE_WEB_PREFERENCES } from '#main/window-rules.ts';

const SIZE = { width: 1200, height: 800, minWidth: 480, minHeight: 400 } as const;

export interface AppWindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** The page is there and hears what it is told. */
  readonly onPage: () => void;
  /** Whether closing leaves the app running. */
  readonly mayHide: () => boolean;
}

/** The one window of the app. */
export class AppWindow {
  readonly #options: AppWindowOptions;
  #window: BrowserWindow | null = null;

  constructor(options: AppWindowOptions) {
    this.#options = options;
  }

  /** Shows it, before all others; opens it when there is none. */
  async show(): Promise<void> {
    if (this.#window === null) {
      await this.#open();
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  async #open(): Promise<void> {
    const { preload, icon, onPage, mayHide } = this.#options;
    const webPreferences = { ...SAFE_WEB_PREFERENCES, preload };
    const window = new BrowserWindow({ ...SIZE, icon, webPreferences, show: false, autoHideMenuBar: true });
    this.#window = window;
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => {
      if (!mayHide()) return;
      event.preventDefault();
      window.hide();
    });
    window.once('closed', () => (this.#window = null));
    window.webContents.on('dom-ready', onPage);
    // Rejects when the window is closed, or its page loaded again, before it is there: both are wanted. A page that is missing
    // is an answer of our own scheme, and no failure here.
    await window.loadURL(PAGE_URL).catch(() => undefined);
  }
}

/** For every page that there ever is: it stays where it is, opens no windows, embeds nothing and gets no permission. */
export function guardPages(onLink: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !mayNavigate(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      onLink(url);
      return { action: 'deny' };
    });
  });
}

/** Once the app is ready. Copying goes through main, so that a page needs no permission at all. */
export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, tell) => tell(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}
