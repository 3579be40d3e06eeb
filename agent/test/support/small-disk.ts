import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STEP = Buffer.alloc(256 * 1024, 1);

/** Why this machine cannot mount a small disk, found out by trying; undefined when it can. */
export function smallDiskObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const folder = mkdtempSync(join(tmpdir(), 'imagefleet-small-'));
  try {
    const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1M', 'tmpfs', folder], {
      encoding: 'utf8',
    });
    if (status !== 0) return error?.message ?? stderr.trim();
    spawnSync('umount', [folder]);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A disk (tmpfs) of a few megabytes that is easily full, and empty again. */
export class SmallDisk {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async mount(root: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(root, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}M`, 'tmpfs', root]);
    return new SmallDisk(root);
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.root);
    return bavail * bsize;
  }

  /** Fills it until so much is free, whoever else writes meanwhile. */
  async fill(leaveBytes = 0): Promise<void> {
    const ballast = await open(this.#ballast, 'a');
    try {
      for (let free = await this.freeBytes(); free > leaveBytes; free = await this.freeBytes()) {
        const { bytesWritten } = await ballast.write(STEP, 0, Math.min(STEP.length, free - leaveBytes));
        if (bytesWritten === 0) return;
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      await ballast.close();
    }
  }

  /** Takes away what `fill` wrote. */
  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await run('umount', [this.root]).catch(() => run('umount', ['-l', this.root]));
  }

  get #ballast(): string {
    return join(this.root, 'ballast');
  }
}
