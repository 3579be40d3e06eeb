import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  loadMonitorConfig,
  type LoadedMonitorConfiguration,
  type LoadMonitorConfigOptions,
} from '../load-monitor-config.ts';
import { loadConfig, type LoadConfigOptions, type LoadedConfiguration } from '../load-config.ts';

interface Refusal {
  readonly code: string;
  readonly hint: string;
  readonly lines: readonly string[];
}

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

  loadMonitor(options: Partial<LoadMonitorConfigOptions> = {}): Promise<LoadedMonitorConfiguration> {
    return loadMonitorConfig({ env: {}, cwd: this.dir, ...options });
  }

  refusal(options: Partial<LoadConfigOptions> = {}): Promise<Refusal> {
    return this.#refusalOf(() => this.load(options));
  }

  monitorRefusal(options: Partial<LoadMonitorConfigOptions> = {}): Promise<Refusal> {
    return this.#refusalOf(() => this.loadMonitor(options));
  }

  /** The error of a load that must fail, with the folder's own name cut out of its lines. */
  async #refusalOf(load: () => Promise<unknown>): Promise<Refusal> {
    try {
      await load();
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
