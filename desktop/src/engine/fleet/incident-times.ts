import type { IncidentsState } from '@imagefleet/shared/common/health/incidents.ts';

/** One failure of an incident, of which it may have several; epoch milliseconds. */
export interface IncidentTimes {
  readonly since: number;
  /** Null while something of it is missing. */
  readonly backAt: number | null;
}

/**
 * When each incident began the last time, and when nothing of it was missing any more. The rules of the monitor keep an incident
 * open that came again, for up to an hour after everything is back, so that nobody is told too often; what people look at
 * must not lag behind like that.
 */
export class TimesOfIncidents {
  readonly #times = new Map<string, IncidentTimes>();

  /** Takes what the rules made of the last input, which came at `at`. Forgets what they forgot. */
  follow({ open, recent }: IncidentsState, at: number): void {
    for (const { incident, backSinceMs } of open) this.#note(incident.id, backSinceMs !== null, at);
    for (const { incident } of recent) this.#note(incident.id, true, at);
    const kept = new Set([...open, ...recent].map(({ incident }) => incident.id));
    for (const id of this.#times.keys()) if (!kept.has(id)) this.#times.delete(id);
  }

  of(id: string): IncidentTimes | undefined {
    return this.#times.get(id);
  }

  #note(id: string, isBack: boolean, at: number): void {
    const known = this.#times.get(id);
    if (known === undefined || (known.backAt !== null && !isBack)) {
      this.#times.set(id, { since: at, backAt: isBack ? at : null });
    } else if (known.backAt === null && isBack) {
      this.#times.set(id, { ...known, backAt: at });
    }
  }
}
