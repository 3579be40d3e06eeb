import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, '../../../scripts/testbed/power-cut.sh');
const run = promisify(execFile);

export type FileSystem = 'ext4' | 'xfs';

/** Why this machine cannot cut the power of a file system, found out by trying; undefined when it can. */
export function powerCutObstacle(fileSystem: FileSystem): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const folder = mkdtempSync(join(tmpdir(), 'imagefleet-cut-'));
  try {
    for (const args of [
      ['up', fileSystem, folder],
      ['cut', folder],
    ]) {
      const { status, stderr, error } = spawnSync(SCRIPT, args, { encoding: 'utf8' });
      if (status !== 0) return error?.message ?? stderr.trim().split('\n')[0] ?? `${SCRIPT} failed`;
    }
    return undefined;
  } finally {
    spawnSync(SCRIPT, ['down', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file system of its own whose power can be cut. See scripts/testbed/power-cut.sh for what that means. */
export class PowerCutDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes it in a new `folder`. */
  static async make(fileSystem: FileSystem, folder: string): Promise<PowerCutDisk> {
    await run(SCRIPT, ['up', fileSystem, folder]);
    return new PowerCutDisk(folder);
  }

  /** Where it is mounted. */
  get root(): string {
    return join(this.#folder, 'mnt');
  }

  async cut(): Promise<void> {
    await run(SCRIPT, ['cut', this.#folder]);
  }

  /** Mounts what has survived. Processes that had files open must have ended. */
  async restore(): Promise<void> {
    await run(SCRIPT, ['restore', this.#folder]);
  }

  async remove(): Promise<void> {
    await run(SCRIPT, ['down', this.#folder]);
  }
}
