import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import type { DesktopSettings, ShellHandlers, ShellOutput } from '#bridge/shell-api.ts';
import { settingsText, type AppSettingsFile } from './app-settings.ts';
import type { KeySafe } from './key-safe.ts';
import { readSettingsSource } from './settings-source.ts';
import { mayOpen } from './window-rules.ts';

const EXPORT_NAME = 'imagefleet-settings.json';

/** What of the system the app can ask for. Dialogs answer null or nothing when they were closed. */
export interface SystemPort {
  readonly chooseFolders: () => Promise<readonly string[]>;
  readonly chooseFiles: () => Promise<readonly string[]>;
  readonly chooseTarget: (name: string) => Promise<string | null>;
  readonly chooseSource: () => Promise<string | null>;
  readonly copyText: (text: string) => Promise<void>;
  readonly openLink: (url: string) => Promise<void>;
  readonly showFile: (path: string) => void;
}

export interface ShellServiceDeps {
  readonly settings: AppSettingsFile;
  readonly safe: KeySafe;
  readonly system: SystemPort;
  readonly version: string;
  /** Starts of addresses whose links may be opened. */
  readonly servers: () => readonly string[];
  /** Settings or the key have changed, and are on the disk; `isAccess`: where the fleet is, or what lets in. */
  readonly onChanged: (change: { readonly isAccess: boolean }) => void;
}

type SettingsState = ShellOutput<'readSettings'>;

/** The app around the console, as pages drive it (SHELL_API). */
export class ShellService implements ShellHandlers {
  readonly #deps: ShellServiceDeps;

  constructor(deps: ShellServiceDeps) {
    this.#deps = deps;
  }

  readonly readSettings: ShellHandlers['readSettings'] = () => this.#state();

  readonly changeSettings: ShellHandlers['changeSettings'] = async (change) => {
    const { servers, language, startsAtLogin, staysInTray, notifies } = change;
    await this.#change({
      ...(servers !== undefined && { servers }),
      ...(language !== undefined && { language }),
      ...(startsAtLogin !== undefined && { startsAtLogin }),
      ...(staysInTray !== undefined && { staysInTray }),
      ...(notifies !== undefined && { notifies }),
    });
    return this.#state();
  };

  readonly keepKey: ShellHandlers['keepKey'] = async ({ key }) => {
    await this.#deps.safe.keep(key);
    this.#deps.onChanged({ isAccess: true });
    return this.#state();
  };

  readonly exportSettings: ShellHandlers['exportSettings'] = async () => {
    const { system, settings } = this.#deps;
    const file = await system.chooseTarget(EXPORT_NAME);
    if (file === null) return { isDone: false };
    try {
      await writeFileAtomically(file, settingsText(settings.settings), { keepsAccess: true });
    } catch (error) {
      throw new FleetError('IO_FAILED', `${file} cannot be written`, { cause: error });
    }
    return { isDone: true };
  };

  readonly importSettings: ShellHandlers['importSettings'] = async () => {
    const file = await this.#deps.system.chooseSource();
    if (file === null) return { ...(await this.#state()), isDone: false };
    await this.#change(await readSettingsSource(file));
    return { ...(await this.#state()), isDone: true };
  };

  readonly chooseFolders: ShellHandlers['chooseFolders'] = async () => ({
    paths: [...(await this.#deps.system.chooseFolders())],
  });

  readonly chooseFiles: ShellHandlers['chooseFiles'] = async () => ({
    paths: [...(await this.#deps.system.chooseFiles())],
  });

  readonly chooseTarget: ShellHandlers['chooseTarget'] = async ({ name }) => ({
    path: await this.#deps.system.chooseTarget(fileNameOf(name)),
  });

  readonly copyText: ShellHandlers['copyText'] = async ({ text }) => {
    await this.#deps.system.copyText(text);
    return {};
  };

  readonly openLink: ShellHandlers['openLink'] = async ({ url }) => {
    const { servers, system } = this.#deps;
    if (!mayOpen(url, servers())) {
      throw new FleetError('INPUT_INVALID', 'only links of the fleet are opened', {
        hint: 'Copy the link, and open it yourself when you trust it.',
      });
    }
    await system.openLink(url);
    return {};
  };

  readonly showFile: ShellHandlers['showFile'] = ({ path }) => {
    this.#deps.system.showFile(path);
    return Promise.resolve({});
  };

  async #change(change: Partial<DesktopSettings>): Promise<void> {
    const { settings, onChanged } = this.#deps;
    const before = settings.settings;
    const after = await settings.change(change);
    onChanged({ isAccess: after.servers.join('\n') !== before.servers.join('\n') });
  }

  async #state(): Promise<SettingsState> {
    const { settings, safe, version } = this.#deps;
    const { state } = await safe.read();
    return { settings: settings.settings, key: state, isKeyUnprotected: safe.isUnprotected, version };
  }
}

/** A name that a page proposes leads nowhere else than into the folder that the dialog shows. */
function fileNameOf(name: string): string {
  return name.replace(/[/\\:\0]/g, '_');
}
