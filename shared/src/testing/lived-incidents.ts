import { expect } from 'vitest';
import type { ErrorCode } from '#common/errors/error-codes.ts';
import type { HealthTransition, ServerState } from '#common/health/fleet-snapshot.ts';
import { nextDueMs, NO_INCIDENTS, stepIncidents, type IncidentInput } from '#common/health/incidents.ts';
import type { StoredIncident } from '#common/health/stored-incident.ts';

/** A notice as somebody heard it. */
export interface Told {
  readonly what: 'incident' | 'recovery';
  readonly id: string;
  readonly servers: readonly string[];
  readonly nowMs: number;
  readonly isConfirmed: boolean;
}

/** The rules with a clock of their own, which stops wherever a tick is due. */
export class LivedIncidents {
  readonly told: Told[] = [];
  readonly kept = new Map<string, StoredIncident>();
  nowMs = 1000;
  #state = NO_INCIDENTS;
  #ids = 0;

  take(input: IncidentInput): void {
    this.#ids += 1;
    const moment = { nowMs: this.nowMs, at: this.nowMs + 1e9, newId: `i${String(this.#ids)}` };
    const { state, effects } = stepIncidents(this.#state, input, moment);
    this.#state = state;
    for (const effect of effects) {
      if (effect.kind === 'keep') {
        this.kept.set(effect.incident.id, effect.incident);
      } else {
        const { id, servers, isConfirmed } = effect.incident;
        // Kept before it is told, so that it is never told again.
        expect(this.kept.get(id)).toMatchObject({ isAnnounced: true });
        this.told.push({ what: effect.what, id, servers, nowMs: this.nowMs, isConfirmed });
      }
    }
  }

  pass(durationMs: number): void {
    const end = this.nowMs + durationMs;
    for (let due = nextDueMs(this.#state); due !== null && due <= end; due = nextDueMs(this.#state)) {
      this.nowMs = Math.max(this.nowMs, due);
      this.take({ kind: 'tick' });
    }
    this.nowMs = end;
  }

  to(state: ServerState, server: string, code: ErrorCode = 'PEER_TIMEOUT', isConfirmed = true): void {
    const cause = state === 'down' ? { code, message: 'no answer' } : null;
    const transition: HealthTransition = { server, from: 'unknown', to: state, at: 0, lastedMs: 0, cause, isConfirmed };
    this.take({ kind: 'transition', transition, isOwn: server === 'own' });
  }

  restart(watched: readonly string[]): void {
    this.#state = NO_INCIDENTS;
    this.take({ kind: 'restored', incidents: [...this.kept.values()], watched: new Set(watched) });
  }

  get open(): readonly StoredIncident[] {
    return this.#state.open.map(({ incident }) => incident);
  }
}
