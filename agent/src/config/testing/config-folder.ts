import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { loadConfig, type LoadConfigOptions, type LoadedConfiguration } from '../load-config.ts';

/** A temporary folder with configuration files in it. */
export class ConfigFolder {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<ConfigFolder> {
    return new ConfigFolder(await mkdtemp(join(tmpdir(), 'imagefleet-config-')));
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(join(this.dir, name)), { recursive: true });
    await writeFile(join(this.dir, name), content);
  }

  load(options: Partial<LoadConfigOptions> = {}): Promise<LoadedConfiguration> {
    return loadConfig({ env: {}, cwd: this.dir, ...options });
  }

  /** The error of a load that must fail, with the folder's own name cut out of its lines. */
  async refusal(options: Partial<LoadConfigOptions> = {}): Promise<{ code: string; hint: string; lines: string[] }> {
    try {
      await this.load(options);
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      const lines = error.message.replaceAll(join(this.dir, '/'), '').replaceAll(this.dir, '.').split('\n  ');
      return { code: error.code, hint: error.hint ?? '', lines };
    }
    throw new Error('the configuration was taken');
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }
}
