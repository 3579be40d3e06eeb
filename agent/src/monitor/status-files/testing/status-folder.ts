import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { decodeStatusFile, type DecodedStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { decodeLease, type Lease } from '@imagefleet/shared/common/status-file/lease.ts';
import type { StatusFormat } from '@imagefleet/shared/common/status-file/status-content.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { StatusFiles } from '../status-files.ts';
import { WatchedDisk } from './watched-disk.ts';

const FORMAT_OF: Readonly<Record<string, StatusFormat>> = { xml: 'aspnet', json: 'json', conf: 'nginx' };

/** A folder with status files, kept by one `StatusFiles` after the other; timers are driven by the test. */
export class StatusFolder {
  readonly disk = new WatchedDisk();
  /** `level event path` of all that was logged. */
  readonly logged: string[] = [];

  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<StatusFolder> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    return new StatusFolder(await tempFolder());
  }

  /** A monitor that keeps these files, whose form is told by their extension: xml, json, conf. */
  async monitor(...names: readonly string[]): Promise<StatusFiles> {
    const files = this.unstarted(...names);
    await files.start();
    await this.disk.calm();
    return files;
  }

  unstarted(...names: readonly string[]): StatusFiles {
    const files = new StatusFiles({
      files: names.map((name) => ({
        path: this.path(name),
        format: FORMAT_OF[name.split('.').at(-1) ?? ''] ?? 'json',
      })),
      logger: this.#logger(),
      now: () => 1_000_000,
      disk: this.disk,
    });
    onTestFinished(() => files.stop());
    return files;
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  text(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  async says(name: string): Promise<DecodedStatusFile> {
    return decodeStatusFile(await this.text(name));
  }

  /** Generation, and one sign for each server: + online, - not. */
  async summary(name: string): Promise<string> {
    const { generation, servers } = await this.says(name);
    return `${String(generation)} ${servers.map(({ online }) => (online ? '+' : '-')).join('')}`;
  }

  async lease(name: string): Promise<Lease | undefined> {
    return decodeLease(await this.text(`${name}.lease`));
  }

  /** Another one as soon as anybody writes the file. */
  async touched(name: string): Promise<string> {
    const { ino, mtimeNs } = await stat(this.path(name), { bigint: true });
    return `${String(ino)} ${String(mtimeNs)}`;
  }

  /** Lets time pass for backoff and leases, second by second, and waits each time for what the disk has to do. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= 1000) {
      vi.advanceTimersByTime(Math.min(leftMs, 1000));
      await this.disk.calm();
    }
  }

  #logger(): Logger {
    const note = (level: string) => (event: string, fields?: object) => {
      const path = fields !== undefined && 'path' in fields ? String(fields.path).replace(`${this.dir}/`, '') : '';
      this.logged.push(`${level} ${event} ${path}`);
    };
    const logger: Logger = {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
      child: () => logger,
    };
    return logger;
  }
}
