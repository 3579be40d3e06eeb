import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { localDay } from '@imagefleet/shared/common/time/local-day.ts';
import type { FailureNote } from '#store/catalog.ts';

/** Lines that may wait for the disk; beyond it they are counted and the count is written instead. */
const MAX_WAITING = 50_000;
/** Lines that are written in one append. */
const SLICE = 1_000;

export interface FailureLogOptions {
  readonly logDir: string;
  /** IANA name; decides the day of a line. Undefined: the server's own. */
  readonly timeZone: string | undefined;
  readonly logger: Logger;
}

/** The name of a day's file. Days are yyyy-MM-dd. */
export function failureFileOf(day: string): string {
  return `failures-${day}.log`;
}

/** The day of an instant in a time zone, as yyyy-MM-dd. */
export function dayOf(atMs: number, timeZone: string | undefined): string {
  const { year, month, day } = localDay(atMs, timeZone);
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/**
 * The failure log by day: one UTF-8 line for each delivery that failed, was parked or is dead, and when its cause
 * changes. Fields are separated by tabs: time (ISO 8601, UTC), path, server, code, sentence. Readable without us.
 */
export class FailureLog {
  readonly #options: FailureLogOptions;
  #waiting: FailureNote[] = [];
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #isBroken = false;

  constructor(options: FailureLogOptions) {
    this.#options = options;
  }

  /** Queues lines; they are written in order. Never fails: a log that cannot be written is said once, and uploads go on. */
  append(notes: readonly FailureNote[]): void {
    const room = MAX_WAITING - this.#waiting.length;
    for (const note of notes.slice(0, room)) this.#waiting.push(note);
    this.#dropped += Math.max(0, notes.length - room);
    if (this.#waiting.length > 0) this.#writing ??= this.#write().finally(() => (this.#writing = null));
  }

  /** Returns when everything that was queued is written, or could not be. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const slice = this.#waiting.slice(0, SLICE);
      this.#waiting = this.#waiting.slice(slice.length);
      for (const [day, lines] of this.#byDay(slice)) await this.#appendTo(day, lines);
    }
    if (this.#dropped === 0) return;
    this.#options.logger.warn('failureLog.linesDropped', { count: this.#dropped });
    this.#dropped = 0;
  }

  #byDay(notes: readonly FailureNote[]): ReadonlyMap<string, string[]> {
    const days = new Map<string, string[]>();
    for (const note of notes) {
      const day = dayOf(note.at, this.#options.timeZone);
      const lines = days.get(day);
      if (lines === undefined) days.set(day, [lineOf(note)]);
      else lines.push(lineOf(note));
    }
    return days;
  }

  async #appendTo(day: string, lines: readonly string[]): Promise<void> {
    const { logDir, logger } = this.#options;
    try {
      await mkdir(logDir, { recursive: true });
      await appendFile(join(logDir, failureFileOf(day)), lines.join(''), 'utf8');
      this.#isBroken = false;
    } catch (error) {
      if (!this.#isBroken) logger.error('failureLog.notWritten', { logDir, count: lines.length, error });
      this.#isBroken = true;
    }
  }
}

function lineOf({ at, path, server, cause }: FailureNote): string {
  const fields = [new Date(at).toISOString(), path, server, cause.code, cause.message];
  return `${fields.map(plain).join('\t')}\n`;
}

/** Whatever would break the form: tabs, line ends and other controls, also those of Unicode. */
function plain(field: string): string {
  return field.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
