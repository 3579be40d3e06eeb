import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { desktopSettings, type DesktopSettings } from '#bridge/shell-api.ts';

const VERSION = 1;
const OWNER_ONLY = 0o600;
const schema = desktopSettings.extend({ version: z.literal(VERSION) });

export const FIRST_SETTINGS: DesktopSettings = {
  servers: [],
  language: 'system',
  startsAtLogin: false,
  staysInTray: true,
  notifies: true,
};

/** What the desktop app keeps of itself, in a file; no key is in it. */
export class AppSettingsFile {
  readonly #file: string;
  #settings: DesktopSettings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, settings: DesktopSettings) {
    this.#file = file;
    this.#settings = settings;
  }

  /** One that is damaged is set aside as `….damaged`: the app has to start so that it can be set up again. Errors: IO_FAILED. */
  static async open(file: string): Promise<AppSettingsFile> {
    try {
      const text = await readIfThere(file);
      const settings = text === undefined ? FIRST_SETTINGS : settingsOf(text);
      if (settings !== undefined) return new AppSettingsFile(file, settings);
      await rename(file, `${file}.damaged`);
      return new AppSettingsFile(file, FIRST_SETTINGS);
    } catch (error) {
      throw ioFailed(file, error);
    }
  }

  get settings(): DesktopSettings {
    return this.#settings;
  }

  /** Resolves when it is on the disk; one that cannot be written holds for this run. Errors: CFG_INVALID, IO_FAILED. */
  async change(change: Partial<DesktopSettings>): Promise<DesktopSettings> {
    const servers = (change.servers ?? this.#settings.servers).map(addressOf);
    const next = { ...this.#settings, ...change, servers: [...new Set(servers)] };
    this.#settings = next;
    const text = settingsText(next);
    const writing = this.#writing.then(() => writeFileAtomically(this.#file, text, { mode: OWNER_ONLY }));
    this.#writing = writing.catch(() => undefined);
    try {
      await writing;
    } catch (error) {
      throw ioFailed(this.#file, error);
    }
    return next;
  }
}

/** The file's text, which is also what is exported: there is no secret in it. */
export function settingsText(settings: DesktopSettings): string {
  return `${JSON.stringify({ version: VERSION, ...settings }, null, 2)}\n`;
}

/** Undefined when the text is none that this program has written. */
export function settingsOf(text: string): DesktopSettings | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const { version: _version, ...settings } = parsed.data;
  return settings;
}

/** Errors: CFG_INVALID for what is no address of a server, or has a user or a password in it. */
function addressOf(written: string): string {
  const url = URL.parse(written.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new FleetError('CFG_INVALID', `"${written}" is no address of a server`, {
      hint: 'Write it as http://host:port, without a user and a password.',
    });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function ioFailed(file: string, error: unknown): FleetError {
  return new FleetError('IO_FAILED', `the settings ${file} cannot be read or written`, { cause: error });
}
