import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf } from '../sqlite/row-values.ts';
import { HistoryMarks } from './history-marks.ts';
import { addTimes, timesWithin, type KnownTimes, type Range } from './known-times.ts';
import { ceilTo, DAY_MS, floorTo, HOUR_MS } from './latency-levels.ts';
import type { ServerTable } from './server-table.ts';
import type { StateRecord } from './state-record.ts';
import { UptimeTable } from './uptime-table.ts';

/** Single changes that are kept: of all servers together, and of one. What goes is in the roll-ups. */
const MAX_CHANGES = 500_000;
const MAX_CHANGES_OF_SERVER = 4096;
const MIN_CHANGES_OF_SERVER = 64;
const KEEP_CHANGES_MS = 366 * DAY_MS;
/** Starts of a monitor, and jumps of its clock. */
const MAX_RUNS = 4096;

/** Up and down over time: single changes where they are kept, hours before that, days before those. */
export class StateHistory {
  readonly #database: DatabaseSync;
  readonly #record: StateRecord;
  readonly #servers: ServerTable;
  readonly #table: UptimeTable;
  readonly #marks: HistoryMarks;
  readonly #rawFrom: StatementSync;
  readonly #setRawFrom: StatementSync;

  constructor(database: DatabaseSync, record: StateRecord, servers: ServerTable) {
    this.#database = database;
    this.#record = record;
    this.#servers = servers;
    this.#table = new UptimeTable(database);
    this.#marks = new HistoryMarks(database);
    this.#rawFrom = database.prepare('SELECT raw_from FROM server WHERE id = ?');
    this.#setRawFrom = database.prepare('UPDATE server SET raw_from = ? WHERE id = ?');
  }

  /** Whatever of the range is not in the answer is unknown. Exact but for the ends of a range older than the single changes. */
  knownTimes(server: number, { from, to }: Range): KnownTimes {
    const hoursFrom = this.#marks.get('hours_from');
    const rawFrom = this.#rawStart(server, hoursFrom);
    const raw = { from: Math.max(from, rawFrom), to };
    const hours = { from: Math.max(from, hoursFrom), to: Math.min(to, rawFrom) };
    const days = { from, to: Math.min(to, rawFrom, hoursFrom) };
    return [
      raw.from < raw.to ? timesWithin(this.#record.spansOf(server, raw), raw) : timesWithin([], raw),
      this.#table.within(HOUR_MS, server, hours),
      this.#table.within(DAY_MS, server, days),
    ].reduce(addTimes);
  }

  /** Rolls up the hours that are over. */
  rollUp(): void {
    const until = floorTo(HOUR_MS, this.#record.lastRun()?.to ?? 0);
    const from = this.#marks.get('rolled_until');
    if (until <= from) return;
    const hours = new Set<number>();
    for (const run of this.#record.runsWithin({ from, to: until })) {
      const end = Math.min(run.to, until);
      for (let hour = floorTo(HOUR_MS, Math.max(run.from, from)); hour < end; hour += HOUR_MS) hours.add(hour);
    }
    for (const server of hours.size === 0 ? [] : this.#servers.all()) {
      const spans = this.#record.spansOf(server, { from, to: until });
      for (const hour of hours) {
        const times = timesWithin(spans, { from: hour, to: hour + HOUR_MS });
        if (Object.values(times).some((timeMs) => timeMs > 0)) this.#table.addHour(server, hour, times);
      }
    }
    this.#marks.set('rolled_until', until);
  }

  /** Forgets everything from an instant on; the hour that it falls into is rolled up again when it is over. */
  cut(at: number): void {
    this.#record.cut(at);
    if (at >= this.#marks.get('rolled_until')) return;
    const hour = floorTo(HOUR_MS, at);
    this.#table.cut(hour);
    this.#marks.cut(hour);
    this.#database.prepare('UPDATE server SET raw_from = min(raw_from, ?)').run(hour);
  }

  /** Deletes what is too old or too much; of the single changes only what has been rolled up. */
  prune(at: number, servers: number): void {
    const perServer = Math.floor(MAX_CHANGES / Math.max(1, servers));
    this.#pruneServers(Math.min(MAX_CHANGES_OF_SERVER, Math.max(MIN_CHANGES_OF_SERVER, perServer)));
    this.#pruneRuns(at - KEEP_CHANGES_MS);
    this.#marks.set('hours_from', Math.max(this.#marks.get('hours_from'), this.#table.prune(at, servers)));
  }

  /** Days only join at their own bounds: where hours are gone already, the single changes begin with a whole day. */
  #rawStart(server: number, hoursFrom: number): number {
    const ofServer = integerOf(this.#rawFrom.get(server) ?? { raw_from: 0 }, 'raw_from');
    const rawFrom = Math.max(ofServer, this.#marks.get('runs_from'));
    return rawFrom >= hoursFrom ? rawFrom : ceilTo(DAY_MS, rawFrom);
  }

  #pruneServers(max: number): void {
    const rolledUntil = this.#marks.get('rolled_until');
    const tooMany = this.#database.prepare('SELECT server FROM change GROUP BY server HAVING count(*) > ?').all(max);
    const oldestKept = this.#database.prepare(
      'SELECT at FROM change WHERE server = ? ORDER BY id DESC LIMIT 1 OFFSET ?',
    );
    // The last change before the bound stays: it says in which state the server enters the time that is kept.
    const remove = this.#database.prepare(
      `DELETE FROM change WHERE server = :server
         AND id < (SELECT max(id) FROM change WHERE server = :server AND at <= :bound)`,
    );
    for (const row of tooMany) {
      const server = integerOf(row, 'server');
      const kept = integerOf(oldestKept.get(server, max - 1) ?? {}, 'at');
      const bound = Math.min(ceilTo(HOUR_MS, kept), rolledUntil);
      remove.run({ server, bound });
      const rawFrom = integerOf(this.#rawFrom.get(server) ?? { raw_from: 0 }, 'raw_from');
      this.#setRawFrom.run(Math.max(rawFrom, bound), server);
    }
  }

  #pruneRuns(oldestAt: number): void {
    const rolledUntil = this.#marks.get('rolled_until');
    const surplus = this.#database.prepare('SELECT to_at FROM run ORDER BY id DESC LIMIT 1 OFFSET ?').get(MAX_RUNS);
    const tooMany = surplus === undefined ? 0 : ceilTo(HOUR_MS, integerOf(surplus, 'to_at'));
    const bound = Math.min(Math.max(floorTo(HOUR_MS, oldestAt), tooMany), rolledUntil);
    if (bound <= this.#marks.get('runs_from')) return;
    this.#database.prepare('DELETE FROM run WHERE to_at <= ?').run(bound);
    this.#database.exec('DELETE FROM change WHERE run < (SELECT coalesce(min(id), 0) FROM run)');
    this.#database
      .prepare(
        `DELETE FROM change WHERE at < :bound AND id NOT IN (SELECT max(id) FROM change WHERE at < :bound GROUP BY server)`,
      )
      .run({ bound });
    this.#marks.set('runs_from', bound);
  }
}
