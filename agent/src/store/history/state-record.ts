import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { SERVER_STATES, type ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import { MAX_HISTORY_TRANSITIONS } from '@imagefleet/shared/common/operator/history-limits.ts';
import type { HistoryTransition } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { damaged, integerOf, nullableIntegerOf, nullableTextOf, textOf, type Row } from '../sqlite/row-values.ts';
import type { TransitionFacts } from './history-store.ts';
import type { Range, Span } from './known-times.ts';

/** A change of a server's state, as it is written. */
export interface ChangeRow {
  readonly run: number;
  readonly server: number;
  readonly at: number;
  readonly state: ServerState;
  readonly facts: TransitionFacts | null;
}

/** When a monitor lived, and how the states of the servers changed meanwhile: what every figure of uptime is made of. */
export class StateRecord {
  readonly #database: DatabaseSync;
  readonly #beginRun: StatementSync;
  readonly #extendRun: StatementSync;
  readonly #addChange: StatementSync;
  readonly #runs: StatementSync;
  readonly #changes: StatementSync;
  readonly #transitions: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#beginRun = database.prepare('INSERT INTO run (from_at, to_at) VALUES (?, ?) RETURNING id');
    this.#extendRun = database.prepare('UPDATE run SET to_at = max(to_at, ?) WHERE id = ?');
    this.#addChange = database.prepare(
      `INSERT INTO change (run, server, at, state, from_state, lasted_ms, cause_code, cause_message, is_confirmed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#runs = database.prepare('SELECT id, from_at, to_at FROM run WHERE to_at > ? AND from_at < ? ORDER BY id');
    this.#changes = database.prepare(
      'SELECT run, at, state FROM change WHERE server = ? AND run BETWEEN ? AND ? ORDER BY id',
    );
    this.#transitions = database.prepare(
      `SELECT at, state, from_state, lasted_ms, cause_code, cause_message, is_confirmed FROM change
       WHERE server = ? AND at >= ? AND at < ? AND from_state IS NOT NULL ORDER BY id DESC LIMIT ?`,
    );
  }

  /** The newest run and how far it reaches; undefined when there is none. */
  lastRun(): { readonly id: number; readonly to: number } | undefined {
    const row = this.#database.prepare('SELECT id, to_at FROM run ORDER BY id DESC LIMIT 1').get();
    return row === undefined ? undefined : { id: integerOf(row, 'id'), to: integerOf(row, 'to_at') };
  }

  beginRun(at: number): number {
    return integerOf(this.#beginRun.get(at, at) ?? {}, 'id');
  }

  extendRun(run: number, at: number): void {
    this.#extendRun.run(at, run);
  }

  addChange({ run, server, at, state, facts }: ChangeRow): void {
    const { from = null, lastedMs = null, cause = null } = facts ?? {};
    const confirmed = facts === null ? null : Number(facts.isConfirmed);
    const [code, message] = [cause?.code ?? null, cause?.message ?? null];
    this.#addChange.run(run, server, at, state, from, lastedMs, code, message, confirmed);
  }

  /** Forgets everything from an instant on. */
  cut(at: number): void {
    this.#database.prepare('DELETE FROM change WHERE at >= ?').run(at);
    this.#database.prepare('DELETE FROM run WHERE from_at >= ?').run(at);
    this.#database.prepare('UPDATE run SET to_at = ? WHERE to_at > ?').run(at, at);
  }

  runsWithin({ from, to }: Range): readonly (Range & { readonly id: number })[] {
    return this.#runs.all(from, to).map((row) => ({
      id: integerOf(row, 'id'),
      from: integerOf(row, 'from_at'),
      to: integerOf(row, 'to_at'),
    }));
  }

  /** What was known of a server: spans that do not overlap, of every run that touches the range. */
  spansOf(server: number, range: Range): readonly Span[] {
    const runs = new Map(this.runsWithin(range).map((run) => [run.id, run]));
    const ids = [...runs.keys()];
    const spans: Span[] = [];
    let open: { readonly run: number; readonly at: number; readonly state: ServerState } | undefined;
    const close = (to: number): void => {
      if (open !== undefined && to > open.at) spans.push({ from: open.at, to, state: open.state });
    };
    const runEnd = (): number => (open === undefined ? 0 : (runs.get(open.run)?.to ?? 0));
    for (const row of this.#changes.all(server, ids[0] ?? 0, ids.at(-1) ?? 0)) {
      const run = integerOf(row, 'run');
      const at = Math.max(integerOf(row, 'at'), open?.run === run ? open.at : 0);
      close(open?.run === run ? Math.min(at, runEnd()) : runEnd());
      open = { run, at, state: stateOf(row, 'state') };
    }
    close(runEnd());
    return spans;
  }

  /** The newest transitions of a range, the newest last. */
  transitionsOf(server: number, { from, to }: Range): readonly HistoryTransition[] {
    return this.#transitions
      .all(server, from, to, MAX_HISTORY_TRANSITIONS)
      .map((row) => ({
        at: integerOf(row, 'at'),
        from: stateOf(row, 'from_state'),
        to: stateOf(row, 'state'),
        lastedMs: integerOf(row, 'lasted_ms'),
        cause: causeOf(row),
        isConfirmed: nullableIntegerOf(row, 'is_confirmed') === 1,
      }))
      .reverse();
  }
}

function stateOf(row: Row, column: string): ServerState {
  const text = textOf(row, column);
  const state = SERVER_STATES.find((known) => known === text);
  if (state === undefined) throw damaged(column);
  return state;
}

/** A code that only a newer version knows is told by its sentence. */
function causeOf(row: Row): ProbeCause | null {
  const code = nullableTextOf(row, 'cause_code');
  if (code === null) return null;
  return { code: isErrorCode(code) ? code : 'INTERNAL', message: nullableTextOf(row, 'cause_message') ?? '' };
}
