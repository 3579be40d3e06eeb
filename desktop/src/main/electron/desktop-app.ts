import { join } from 'node:path';
import { app } from 'electron';
import type { DesktopNews } from '#bridge/desktop-bridge.ts';
import type { FromEngine } from '#bridge/engine-messages.ts';
import { formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import type { AppSettingsFile } from '#main/app-settings.ts';
import { desktopTexts, languageOf, type Language } from '#main/desktop-texts.ts';
import { EngineKeeper } from '#main/engine-keeper.ts';
import { ImageServer } from '#main/image-server.ts';
import { incidentNotice } from '#main/incident-notice.ts';
import type { KeySafe } from '#main/key-safe.ts';
import { ShellService } from '#main/shell-service.ts';
import { ToldIncidents } from '#main/told-incidents.ts';
import { TrayKeeper } from '#main/tray-keeper.ts';
import type { TrayAction } from '#main/tray-view.ts';
import { mayOpen } from '#main/window-rules.ts';
import { serveAppScheme } from './app-scheme.ts';
import { AppWindow, guardPages } from './app-window.ts';
import { DesktopTray } from './desktop-tray.ts';
import { launchEngine } from './engine-process.ts';
import { answerPages, tellPages } from './page-bridge.ts';
import { showNotice } from './show-notice.ts';
import { systemPort } from './system-port.ts';

/** With it the app starts in the tray, as it does with the operator's session. */
const HIDDEN = '--hidden';

export interface DesktopAppOptions {
  /** Of the built app: preload.cjs, engine.mjs, console/ and tray/ lie in it. */
  readonly folder: string;
  /** Of the engine. */
  readonly dataDir: string;
  readonly settings: AppSettingsFile;
  readonly safe: KeySafe;
}

type Told = Exclude<FromEngine, { kind: 'answer' | 'opened' | 'openFailed' }>;

/** The desktop app, put together: window, tray and notifications around the engine's process. */
export class DesktopApp {
  readonly #options: DesktopAppOptions;
  readonly #engine: EngineKeeper;
  readonly #window: AppWindow;
  readonly #tray: DesktopTray;
  readonly #trayKeeper: TrayKeeper;
  readonly #toldIncidents = new ToldIncidents();
  /** The last of each kind, for a page that comes later. */
  readonly #lasting = new Map<DesktopNews['kind'], DesktopNews>();
  #isEnding = false;

  constructor(options: DesktopAppOptions) {
    const { folder, dataDir, settings } = options;
    this.#options = options;
    this.#engine = new EngineKeeper({
      launch: (hearer) => launchEngine(join(folder, 'engine.mjs'), hearer),
      place: { dataDir, version: app.getVersion() },
      ...{ now: () => performance.now(), setTimer },
      onTold: (told) => this.#heard(told),
      onState: (state) => this.#tell({ kind: 'engineState', state }),
      onSetAside: (files) => {
        const notice = { title: desktopTexts(this.#language()).setAside, body: files.join('\n'), server: null };
        showNotice(notice, () => void this.#window.show());
      },
    });
    this.#window = new AppWindow({
      preload: join(folder, 'preload.cjs'),
      icon: join(folder, 'tray/ok@2x.png'),
      onPage: () => this.#lasting.forEach((news) => tellPages(news)),
      mayHide: () => !this.#isEnding && settings.settings.staysInTray,
    });
    this.#tray = new DesktopTray({ icons: join(folder, 'tray'), onAction: (action) => this.#do(action) });
    this.#trayKeeper = new TrayKeeper({
      ask: (call) => this.#engine.call(call),
      engineState: () => this.#engine.state,
      language: () => this.#language(),
      ...{ setTimer, show: (view) => this.#tray.show(view) },
    });
  }

  async start(): Promise<void> {
    const { folder } = this.#options;
    const imageServer = new ImageServer({ ask: (call) => this.#engine.call(call), now: () => performance.now() });
    serveAppScheme({ consoleDir: join(folder, 'console'), imageServer: imageServer.find });
    guardPages((url) => this.#openLink(url));
    answerPages({ askEngine: (call) => this.#engine.call(call), shell: this.#shell() });
    app.on('second-instance', () => void this.#window.show());
    app.on('activate', () => void this.#window.show());
    app.on('window-all-closed', () => {
      if (!this.#options.settings.settings.staysInTray) app.quit();
    });
    app.on('before-quit', (event) => this.#end(event));
    this.#tell({ kind: 'engineState', state: 'starting' });
    this.#engine.start(await this.#access());
    this.#trayKeeper.start();
    if (!process.argv.includes(HIDDEN)) await this.#window.show();
  }

  #shell(): ShellService {
    const { settings, safe } = this.#options;
    return new ShellService({
      ...{ settings, safe, system: systemPort, version: app.getVersion() },
      servers: () => this.#servers(),
      onChanged: ({ isAccess }) => void this.#changed(isAccess),
    });
  }

  async #changed(isAccess: boolean): Promise<void> {
    const { startsAtLogin } = this.#options.settings.settings;
    app.setLoginItemSettings({ openAtLogin: startsAtLogin, args: [HIDDEN] });
    if (isAccess) this.#engine.use(await this.#access());
    this.#tell({ kind: 'settingsChanged' });
  }

  async #access(): Promise<{ servers: string[]; key: string | null }> {
    const { settings, safe } = this.#options;
    const kept = await safe.read();
    return { servers: [...settings.settings.servers], key: kept.state === 'kept' ? kept.key : null };
  }

  #servers(): readonly string[] {
    return this.#options.settings.settings.servers;
  }

  #language(): Language {
    return languageOf(this.#options.settings.settings.language, app.getLocale());
  }

  #openLink(url: string): void {
    // A page that asks for anything else is told nothing: no person waits for an answer here.
    if (mayOpen(url, this.#servers())) void systemPort.openLink(url);
  }

  #heard(told: Told): void {
    if (told.kind === 'incident') this.#notify(told);
    else this.#tell(told);
  }

  #tell(news: DesktopNews): void {
    if (news.kind === 'engineState' || news.kind === 'liveState') this.#lasting.set(news.kind, news);
    tellPages(news);
    this.#trayKeeper.changed();
  }

  #notify({ what, incident }: Extract<Told, { kind: 'incident' }>): void {
    this.#trayKeeper.changed();
    if (!this.#toldIncidents.isNew(what, incident) || !this.#options.settings.settings.notifies) return;
    const clockText = (at: number): string => formatInstant(at, Date.now());
    const { fleet } = this.#trayKeeper;
    const notice = incidentNotice({ what, incident, fleet, language: this.#language(), clockText });
    showNotice(notice, () => void this.#goToFleet(notice.server));
  }

  async #goToFleet(server: string | null): Promise<void> {
    await this.#window.show();
    tellPages({ kind: 'goTo', page: 'fleet', server });
  }

  #do(action: TrayAction): void {
    switch (action.kind) {
      case 'open':
        void this.#window.show();
        break;
      case 'server':
        void this.#goToFleet(action.server);
        break;
      case 'pause':
      case 'resume':
        void this.#engine
          .call({ api: 'engine', method: action.kind, input: {} })
          .then(() => this.#trayKeeper.changed());
        break;
      case 'quit':
        app.quit();
        break;
    }
  }

  /** The engine closes its files first; the keeper sees to it that this takes no more than its time. */
  #end(event: { preventDefault: () => void }): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    event.preventDefault();
    this.#trayKeeper.stop();
    void this.#engine.close().then(() => {
      this.#tray.close();
      app.quit();
    });
  }
}

function setTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
