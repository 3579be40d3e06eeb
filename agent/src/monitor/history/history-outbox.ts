import type { HistoryEntry, MinuteOfServer } from '#store/history/history-store.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';

/** What may wait for a disk: changes of ten thousand servers and more; minutes of an hour of a large fleet; incidents. */
const MAX_ENTRIES = 50_000;
const MAX_MINUTES = 20_000;
const MAX_INCIDENTS = 1000;
/** What goes in one transaction, so that the thread is not held for long. */
const ENTRIES_PER_PARCEL = 5000;
const MINUTES_PER_PARCEL = 500;

export interface Parcel {
  readonly entries: readonly HistoryEntry[];
  readonly minutes: readonly MinuteOfServer[];
  readonly incidents: readonly StoredIncident[];
}

/** What could not be kept since it was last asked for. */
export interface Losses {
  readonly minutes: number;
  readonly changes: number;
  readonly incidents: number;
}

/** What waits to be written. Bounded: what does not fit is counted, and somebody hears of it. */
export class HistoryOutbox {
  #entries: HistoryEntry[] = [];
  #minutes: MinuteOfServer[] = [];
  readonly #incidents = new Map<string, StoredIncident>();
  #lost = { minutes: 0, changes: 0, incidents: 0 };

  get isEmpty(): boolean {
    return this.#entries.length + this.#minutes.length + this.#incidents.size === 0;
  }

  get hasLostChanges(): boolean {
    return this.#lost.changes > 0;
  }

  /** False when so much waits that all of it was dropped: the caller begins a new run, and the history has a gap. */
  add(entry: HistoryEntry): boolean {
    // The last sign of life is enough.
    if (entry.kind === 'until' && this.#entries.at(-1)?.kind === 'until') this.#entries.pop();
    if (this.#entries.length >= MAX_ENTRIES) {
      this.#lost.changes += this.#entries.filter(isTransition).length + Number(isTransition(entry));
      this.#entries = [];
      return false;
    }
    this.#entries.push(entry);
    return true;
  }

  addMinute(minute: MinuteOfServer): void {
    this.#minutes.push(minute);
    this.#boundMinutes();
  }

  /** Of one incident the newest form. */
  addIncident(incident: StoredIncident): void {
    this.#incidents.delete(incident.id);
    this.#incidents.set(incident.id, incident);
    this.#boundIncidents();
  }

  take(): Parcel {
    const incidents = [...this.#incidents.values()];
    this.#incidents.clear();
    return {
      entries: this.#entries.splice(0, ENTRIES_PER_PARCEL),
      minutes: this.#minutes.splice(0, MINUTES_PER_PARCEL),
      incidents,
    };
  }

  /** The parcel could not be written; it goes before what came since. */
  putBack({ entries, minutes, incidents }: Parcel): void {
    this.#entries = [...entries, ...this.#entries];
    this.#minutes = [...minutes, ...this.#minutes];
    this.#boundMinutes();
    const newer = [...this.#incidents.values()];
    for (const incident of [...incidents, ...newer]) this.addIncident(incident);
  }

  takeLosses(): Losses {
    const lost = this.#lost;
    this.#lost = { minutes: 0, changes: 0, incidents: 0 };
    return lost;
  }

  /** The oldest go: what is asked for is mostly new. */
  #boundMinutes(): void {
    const surplus = this.#minutes.length - MAX_MINUTES;
    if (surplus <= 0) return;
    this.#minutes.splice(0, surplus);
    this.#lost.minutes += surplus;
  }

  #boundIncidents(): void {
    const [oldest] = this.#incidents.keys();
    if (this.#incidents.size <= MAX_INCIDENTS || oldest === undefined) return;
    this.#incidents.delete(oldest);
    this.#lost.incidents += 1;
  }
}

function isTransition(entry: HistoryEntry): boolean {
  return entry.kind === 'change' && entry.facts !== null;
}
