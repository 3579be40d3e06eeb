import type { DatabaseSync } from 'node:sqlite';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { HistoryBatch, HistoryEntry, HistoryOutcome, HistoryRange } from './history-store.ts';
import { IncidentTable } from './incident-table.ts';
import { NOTHING_KNOWN, uptimeOf } from './known-times.ts';
import { DAY_MS } from './latency-levels.ts';
import { latencyPoints } from './latency-points.ts';
import { LatencyTable } from './latency-table.ts';
import { ServerTable } from './server-table.ts';
import { StateHistory } from './state-history.ts';
import { StateRecord } from './state-record.ts';

/**
 * A run that begins so much before the end of what is recorded has a clock that is not set yet, as of a machine that woke
 * without one, or comes after a clock that ran ahead. Only time tells which, so nothing is deleted on its word alone.
 */
const MAX_STEP_BACK_MS = DAY_MS;

/** The history over one open database: plain calls, each of which blocks its thread for some milliseconds at most. */
export class HistoryEngine {
  readonly #database: DatabaseSync;
  readonly #servers: ServerTable;
  readonly #record: StateRecord;
  readonly #states: StateHistory;
  readonly #latency: LatencyTable;
  readonly #incidents: IncidentTable;
  /** The run that entries belong to; null while its clock is not believed. */
  #run: number | null;
  #servedServers = 1;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#servers = new ServerTable(database);
    this.#record = new StateRecord(database);
    this.#states = new StateHistory(database, this.#record, this.#servers);
    this.#latency = new LatencyTable(database);
    this.#incidents = new IncidentTable(database);
    // After a failure the file is opened again in the middle of a run, which goes on.
    this.#run = this.#record.lastRun()?.id ?? null;
  }

  /** All of the batch, or nothing and the error of SQLite. */
  write(batch: HistoryBatch): HistoryOutcome {
    const run = this.#run;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const outcome = this.#apply(batch);
      this.#database.exec('COMMIT');
      return outcome;
    } catch (error) {
      this.#run = run;
      this.#servers.drop();
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  read({ server: name, from, to, points }: HistoryRange): HistoryAnswer {
    const server = this.#servers.find(name);
    const now = this.#record.lastRun()?.to ?? to;
    // A server that was never seen has the number of none.
    const id = server ?? -1;
    const query = { server: id, from, to, points, now, servers: this.#servedServers };
    const known = server === undefined ? NOTHING_KNOWN : this.#states.knownTimes(id, { from, to });
    return {
      ...{ server: name, from, to },
      uptime: uptimeOf(known, { from, to }),
      transitions: [...this.#record.transitionsOf(id, { from, to })],
      latency: [...latencyPoints(this.#latency, query)],
    };
  }

  /** Bodies of incidents, the newest last. */
  incidents(closedSince: number, limit: number): readonly string[] {
    return this.#incidents.list(closedSince, limit);
  }

  close(): void {
    this.#database.close();
  }

  #apply({ entries, minutes, incidents, servers, pruneAt }: HistoryBatch): HistoryOutcome {
    this.#servedServers = servers;
    let outcome: HistoryOutcome = 'recorded';
    for (const entry of entries) {
      const became = this.#enter(entry);
      if (became !== 'recorded' || entry.kind === 'run') outcome = became;
    }
    // Also without a run that is believed: a minute is right or wrong by itself, and a wrong one ages.
    for (const minute of minutes) this.#latency.add(this.#servers.idOf(minute.server, minute.at), minute);
    this.#incidents.put(incidents);
    this.#states.rollUp();
    if (pruneAt !== null && this.#run !== null) this.#prune(pruneAt, servers);
    return outcome;
  }

  #enter(entry: HistoryEntry): HistoryOutcome {
    if (entry.kind === 'run') return this.#begin(entry.at, entry.isSettled);
    if (this.#run === null) return this.#record.lastRun() === undefined ? 'noRun' : 'clockBehind';
    this.#record.extendRun(this.#run, entry.at);
    if (entry.kind === 'change') {
      const { at, state, facts } = entry;
      this.#record.addChange({ run: this.#run, server: this.#servers.idOf(entry.server, at), at, state, facts });
    }
    return 'recorded';
  }

  #begin(at: number, isSettled: boolean): HistoryOutcome {
    const last = this.#record.lastRun();
    if (last !== undefined && at < last.to - MAX_STEP_BACK_MS && !isSettled) {
      this.#run = null;
      return 'clockBehind';
    }
    if (last !== undefined && at < last.to) {
      this.#states.cut(at);
      this.#latency.cut(at);
    }
    this.#run = this.#record.beginRun(at);
    return 'recorded';
  }

  #prune(at: number, servers: number): void {
    this.#states.prune(at, servers);
    this.#latency.prune(at, servers);
    this.#incidents.prune();
    this.#servers.prune(at);
  }
}
