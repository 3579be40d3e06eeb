import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  clockOf,
  formatVersion,
  observe,
  tick,
  type ClockState,
  type Version,
} from '@imagefleet/shared/common/image/version.ts';
import { damaged, textOf } from './row-values.ts';

/**
 * The clock and the number of images: kept in memory and written into `meta` once per transaction, in the transaction
 * that uses them. `load` after a rollback brings them back to what the disk has.
 */
export class CatalogState {
  readonly serverId: string;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  #clock: ClockState = { wallMs: 0, counter: 0 };
  #imageCount = 0;
  #isClockDirty = false;
  #isCountDirty = false;

  constructor(database: DatabaseSync, serverId: string) {
    this.serverId = serverId;
    this.#read = database.prepare('SELECT value FROM meta WHERE name = ?');
    this.#write = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
  }

  load(): void {
    const [wallMs, counter] = this.#value('clock').split(' ').map(Number);
    const imageCount = Number(this.#value('image_count'));
    if (!Number.isSafeInteger(wallMs) || !Number.isSafeInteger(counter) || !Number.isSafeInteger(imageCount)) {
      throw damaged('meta.value');
    }
    this.#clock = { wallMs: wallMs ?? 0, counter: counter ?? 0 };
    this.#imageCount = imageCount;
    this.#isClockDirty = false;
    this.#isCountDirty = false;
  }

  /** The next version of this server: above everything it gave out or saw, and above `existing`. */
  nextVersion(existing: Version | undefined, nowMs: number): Version {
    const seen = existing === undefined ? this.#clock : observe(this.#clock, clockOf(existing));
    this.#clock = tick(seen, nowMs);
    this.#isClockDirty = true;
    return formatVersion(this.#clock, this.serverId);
  }

  observe(version: Version): void {
    const clock = observe(this.#clock, clockOf(version));
    if (clock === this.#clock) return;
    this.#clock = clock;
    this.#isClockDirty = true;
  }

  countImages(change: -1 | 0 | 1): void {
    if (change === 0) return;
    this.#imageCount += change;
    this.#isCountDirty = true;
  }

  /** To be called before each COMMIT. */
  save(): void {
    if (this.#isClockDirty) this.#write.run('clock', `${String(this.#clock.wallMs)} ${String(this.#clock.counter)}`);
    if (this.#isCountDirty) this.#write.run('image_count', String(this.#imageCount));
    this.#isClockDirty = false;
    this.#isCountDirty = false;
  }

  #value(name: string): string {
    const row = this.#read.get(name);
    if (row === undefined) throw new FleetError('IO_FAILED', `the catalog lacks its own entry ${name}`);
    return textOf(row, 'value');
  }
}
