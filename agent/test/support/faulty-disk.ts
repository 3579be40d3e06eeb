import { spawnSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, '../../../scripts/testbed/faulty-disk.c');

export interface Fault {
  readonly calls: readonly ('write' | 'sync' | 'rename')[];
  /** A part of the path that the call works on. */
  readonly place: string;
  /** The first such call that is hit, counted from 1 over all threads since `fail`. */
  readonly first?: number;
  /** How many are hit from there on; undefined: all of them. */
  readonly count?: number;
  readonly effect: 'EIO' | 'ENOSPC' | 'SILENT' | 'KILL';
}

/** Faults for a process that is started with `env`; see scripts/testbed/faulty-disk.c. */
export class FaultyDisk {
  readonly #rules: string;
  readonly #library: string;

  private constructor(dir: string) {
    this.#rules = join(dir, 'faults');
    this.#library = join(dir, 'faulty-disk.so');
  }

  /** Compiles the library into `dir`; where that cannot be done, the reason as text. */
  static make(dir: string): FaultyDisk | string {
    if (process.platform !== 'linux') return 'it needs Linux';
    const disk = new FaultyDisk(dir);
    const args = ['-shared', '-fPIC', '-O1', '-o', disk.#library, SOURCE, '-ldl', '-lpthread'];
    const { status, stderr, error } = spawnSync('gcc', args, { encoding: 'utf8' });
    return status === 0 ? disk : (error?.message ?? stderr);
  }

  get env(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.#library, FAULTY_DISK_RULES: this.#rules };
  }

  /** From now on calls fail as said; counting begins anew. */
  async fail(...faults: readonly Fault[]): Promise<void> {
    const lines = faults.map(({ calls, place, first = 1, count = 0, effect }) =>
      [calls.join(','), place, first, count, effect].join(' '),
    );
    await writeFile(`${this.#rules}.new`, lines.join('\n'));
    await rename(`${this.#rules}.new`, this.#rules);
  }

  /** The disk is whole again. */
  async heal(): Promise<void> {
    await rm(this.#rules, { force: true });
  }
}
