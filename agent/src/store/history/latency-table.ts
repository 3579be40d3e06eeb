import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { bytesOf, damaged, integerOf, type Row } from '../sqlite/row-values.ts';
import type { MinuteOfServer } from './history-store.ts';
import type { Range } from './known-times.ts';
import { DAY_MS, floorTo, keptMs, LEVELS, MINUTE_MS, SAMPLE_RETENTION_MS, type Level } from './latency-levels.ts';
import { decodeSamples } from './latency-samples.ts';
import { mergeStats, type LatencyStats } from './latency-stats.ts';

const STATS = 'count, failures, min_ms, max_ms, sum_ms, histogram';

/** Statistics of one interval. */
export interface LatencyInterval extends Range {
  readonly stats: LatencyStats;
}

/** One probe; its latency is null when it failed. */
export interface TimedSample {
  readonly at: number;
  readonly latencyMs: number | null;
}

/** Latencies: single probes of the last hour, then minutes, hours and days, each with a histogram. */
export class LatencyTable {
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #within: StatementSync;
  readonly #findSamples: StatementSync;
  readonly #putSamples: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#find = database.prepare(`SELECT ${STATS} FROM latency WHERE level = ? AND at = ? AND server = ?`);
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO latency (level, at, server, ${STATS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    // One look-up by key for each interval: the rows of one server do not lie together.
    this.#within = database.prepare(
      `WITH RECURSIVE step(at) AS (VALUES(:from) UNION ALL SELECT at + :level FROM step WHERE at + :level < :to)
       SELECT latency.at AS at, ${STATS} FROM step CROSS JOIN latency
       ON latency.level = :level AND latency.at = step.at AND latency.server = :server`,
    );
    this.#findSamples = database.prepare('SELECT samples FROM sample WHERE at = ? AND server = ?');
    this.#putSamples = database.prepare('INSERT OR REPLACE INTO sample (at, server, samples) VALUES (?, ?, ?)');
  }

  /** Adds what was measured in a minute to that minute, its hour and its day. */
  add(server: number, { at, stats, samples }: MinuteOfServer): void {
    for (const level of LEVELS) {
      const begin = floorTo(level, at);
      const row = this.#find.get(level, begin, server);
      const { count, failures, minMs, maxMs, sumMs, histogram } =
        row === undefined ? stats : mergeStats(statsOf(row), stats);
      this.#put.run(level, begin, server, count, failures, minMs, maxMs, sumMs, histogram);
    }
    if (samples === null || samples.length === 0) return;
    const row = this.#findSamples.get(at, server);
    const bytes = row === undefined ? samples : Buffer.concat([bytesOf(row, 'samples'), samples]);
    this.#putSamples.run(at, server, bytes);
  }

  /** Intervals of a level that touch a range, in order. */
  intervals(level: Level, server: number, { from, to }: Range): readonly LatencyInterval[] {
    if (to <= from) return [];
    return this.#within.all({ level, server, from: floorTo(level, from), to }).map((row) => {
      const at = integerOf(row, 'at');
      return { from: at, to: at + level, stats: statsOf(row) };
    });
  }

  /** Single probes of a range, in order. */
  samples(server: number, { from, to }: Range): readonly TimedSample[] {
    const found: TimedSample[] = [];
    for (let minute = floorTo(MINUTE_MS, from); minute < to; minute += MINUTE_MS) {
      const row = this.#findSamples.get(minute, server);
      for (const { offsetMs, latencyMs } of row === undefined ? [] : decodeSamples(bytesOf(row, 'samples'))) {
        const at = minute + offsetMs;
        if (at >= from && at < to) found.push({ at, latencyMs });
      }
    }
    return found;
  }

  /** From when on a level has what was measured. */
  keptFrom(level: Level, now: number, servers: number): number {
    return floorTo(level, now - keptMs(level, servers));
  }

  /** Forgets intervals that begin at an instant or later. */
  cut(at: number): void {
    this.#database.prepare('DELETE FROM latency WHERE at >= ?').run(at);
    this.#database.prepare('DELETE FROM sample WHERE at >= ?').run(at);
  }

  prune(at: number, servers: number): void {
    for (const level of LEVELS) {
      this.#database
        .prepare('DELETE FROM latency WHERE level = ? AND at < ?')
        .run(level, this.keptFrom(level, at, servers));
    }
    this.#database.prepare('DELETE FROM sample WHERE at < ?').run(floorTo(MINUTE_MS, at - SAMPLE_RETENTION_MS));
    // A clock that ran ahead for a while left intervals that nobody will live through soon.
    this.#database.prepare('DELETE FROM latency WHERE at > ?').run(at + DAY_MS);
  }
}

function statsOf(row: Row): LatencyStats {
  return {
    count: integerOf(row, 'count'),
    failures: integerOf(row, 'failures'),
    minMs: realOf(row, 'min_ms'),
    maxMs: realOf(row, 'max_ms'),
    sumMs: realOf(row, 'sum_ms') ?? 0,
    histogram: Uint8Array.from(bytesOf(row, 'histogram')),
  };
}

function realOf(row: Row, column: string): number | null {
  const value = row[column];
  if (value !== null && typeof value !== 'number') throw damaged(column);
  return value;
}
