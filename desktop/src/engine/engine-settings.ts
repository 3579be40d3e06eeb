import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';
import { limits } from '#bridge/engine-api.ts';

const schema = z.object({
  version: z.literal(1),
  /** Decides which server this machine prefers; the same for as long as the file lives. */
  machineKey: z.string().min(1).max(200),
  isPaused: z.boolean(),
  limits,
  /** What the line was found to do (MeasuredRate); null before the first upload. */
  measured: z.object({ filesPerSecond: z.number().positive(), bytesPerSecond: z.number().positive() }).nullable(),
});

export type EngineSettings = Omit<z.output<typeof schema>, 'version'>;

const VERSION = 1;
const OWNER_ONLY = 0o600;
const DEFAULT_LIMITS = { bytesPerSecond: 0, requests: 16 };

/** What the engine keeps of itself beside the queue. */
export class EngineSettingsFile {
  readonly #file: string;
  /** Where a file that made no sense lies now; null when there was none. */
  readonly setAsideAs: string | null;
  #settings: EngineSettings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, settings: EngineSettings, setAsideAs: string | null) {
    this.#file = file;
    this.#settings = settings;
    this.setAsideAs = setAsideAs;
  }

  /** Opens or creates it. A file that makes no sense is set aside: nothing in it is worth not to start. Errors: IO_FAILED. */
  static async open(file: string): Promise<EngineSettingsFile> {
    let setAsideAs: string | null = null;
    try {
      const known = await readSettings(file);
      if (known === 'damaged') await rename(file, (setAsideAs = `${file}.damaged`));
      else if (known !== undefined) return new EngineSettingsFile(file, known, null);
    } catch (error) {
      throw ioFailed(file, error);
    }
    const fresh = { machineKey: randomUUID(), isPaused: false, limits: DEFAULT_LIMITS, measured: null };
    const opened = new EngineSettingsFile(file, fresh, setAsideAs);
    await opened.change({});
    return opened;
  }

  get settings(): EngineSettings {
    return this.#settings;
  }

  /** Resolves when it is on the disk. Changes are written in the order in which they come. Errors: IO_FAILED. */
  async change(change: Partial<EngineSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...change };
    const text = `${JSON.stringify({ version: VERSION, ...this.#settings }, null, 2)}\n`;
    const writing = this.#writing.then(() => writeFileAtomically(this.#file, text, { mode: OWNER_ONLY }));
    this.#writing = writing.catch(() => undefined);
    await writing.catch((error: unknown) => {
      throw ioFailed(this.#file, error);
    });
  }
}

/** Undefined when there are none. */
async function readSettings(file: string): Promise<EngineSettings | 'damaged' | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) {
    const { version: _version, ...settings } = parsed.data;
    return settings;
  }
  return 'damaged';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // As good as empty: the schema refuses it.
    return undefined;
  }
}

function ioFailed(file: string, error: unknown): FleetError {
  return new FleetError('IO_FAILED', `the engine's settings ${file} cannot be read or written`, { cause: error });
}
