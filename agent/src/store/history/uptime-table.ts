import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integerOf, type Row } from '../sqlite/row-values.ts';
import { addTimes, NOTHING_KNOWN, shareOf, type KnownTimes, type Range } from './known-times.ts';
import { DAY_MS, floorTo, HOUR_MS, keptMs } from './latency-levels.ts';

/** An hour for whoever has a month, a day for whoever has a year. */
type UptimeLevel = typeof HOUR_MS | typeof DAY_MS;

const SUMS =
  'sum(up_ms) AS up_ms, sum(down_ms) AS down_ms, sum(warming_ms) AS warming_ms, sum(maintenance_ms) AS maintenance_ms';

/** How long servers were in each state, an hour and a day a row; an interval of which nothing is known has none. */
export class UptimeTable {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO uptime (level, at, server, up_ms, down_ms, warming_ms, maintenance_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET up_ms = up_ms + excluded.up_ms, down_ms = down_ms + excluded.down_ms,
         warming_ms = warming_ms + excluded.warming_ms, maintenance_ms = maintenance_ms + excluded.maintenance_ms`,
    );
    this.#select = database.prepare(
      `SELECT at, up_ms, down_ms, warming_ms, maintenance_ms FROM uptime
       WHERE level = ? AND server = ? AND at > ? AND at < ?`,
    );
  }

  /** A whole hour, once: it goes into its day as well. */
  addHour(server: number, at: number, times: KnownTimes): void {
    const { upMs, downMs, warmingMs, maintenanceMs } = times;
    this.#add.run(HOUR_MS, at, server, upMs, downMs, warmingMs, maintenanceMs);
    this.#add.run(DAY_MS, floorTo(DAY_MS, at), server, upMs, downMs, warmingMs, maintenanceMs);
  }

  within(level: UptimeLevel, server: number, range: Range): KnownTimes {
    if (range.to <= range.from) return NOTHING_KNOWN;
    return this.#select
      .all(level, server, range.from - level, range.to)
      .map((row) => {
        const at = integerOf(row, 'at');
        return shareOf(timesOf(row), { from: at, to: at + level }, range);
      })
      .reduce(addTimes, NOTHING_KNOWN);
  }

  /** Forgets every hour from that of an instant on, and what of it is in its day. */
  cut(at: number): void {
    const hour = floorTo(HOUR_MS, at);
    const day = floorTo(DAY_MS, at);
    this.#database.prepare('DELETE FROM uptime WHERE level = ? AND at >= ?').run(HOUR_MS, hour);
    this.#database.prepare('DELETE FROM uptime WHERE level = ? AND at >= ?').run(DAY_MS, day);
    this.#database
      .prepare(
        `INSERT INTO uptime (level, at, server, up_ms, down_ms, warming_ms, maintenance_ms)
         SELECT ${String(DAY_MS)}, ?, server, up_ms, down_ms, warming_ms, maintenance_ms
         FROM (SELECT server, ${SUMS} FROM uptime WHERE level = ? AND at >= ? GROUP BY server)`,
      )
      .run(day, HOUR_MS, day);
  }

  /** Deletes what is older than its level keeps; where the hours begin now. */
  prune(at: number, servers: number): number {
    const hoursFrom = floorTo(DAY_MS, at - keptMs(HOUR_MS, servers));
    const remove = this.#database.prepare('DELETE FROM uptime WHERE level = ? AND at < ?');
    remove.run(HOUR_MS, hoursFrom);
    remove.run(DAY_MS, floorTo(DAY_MS, at - keptMs(DAY_MS, servers)));
    return hoursFrom;
  }
}

function timesOf(row: Row): KnownTimes {
  return {
    upMs: integerOf(row, 'up_ms'),
    downMs: integerOf(row, 'down_ms'),
    warmingMs: integerOf(row, 'warming_ms'),
    maintenanceMs: integerOf(row, 'maintenance_ms'),
  };
}
