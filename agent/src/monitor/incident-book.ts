import type { HealthTransition } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import { MAX_RECENT, NOTICE_WINDOW_MS } from '@imagefleet/shared/common/health/incident-rules.ts';
import {
  nextDueMs,
  NO_INCIDENTS,
  stepIncidents,
  type IncidentEffect,
  type IncidentInput,
} from '@imagefleet/shared/common/health/incidents.ts';
import { withinLimit } from './within-limit.ts';

/** A notice waits so long to be written down, and goes out then all the same: a disk must not keep it from people. */
const KEEP_LIMIT_MS = 1000;
/** A monitor does not wait longer for what the one before left. */
const RESTORE_LIMIT_MS = 3000;
/** Incidents that fail together change thousands of times in a second; each is written once in this time. */
const KEEP_EVERY_MS = 250;

/** Where incidents are kept over a restart; `HistoryRecorder` is one. */
export interface IncidentLog {
  keepIncident(incident: StoredIncident): Promise<void>;
  incidents(closedSince: number, limit: number): Promise<readonly StoredIncident[]>;
}

export interface IncidentNotice {
  /** `incident`: it opened, perhaps again. `recovery`: all its servers are back. */
  readonly what: 'incident' | 'recovery';
  readonly incident: Incident;
}

export interface IncidentBookOptions {
  readonly log: IncidentLog;
  /** Names of all watched servers. */
  readonly watched: () => readonly string[];
  /** Whether the server is on the monitor's own machine, and answers whatever the network does. */
  readonly isOwn: (server: string) => boolean;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly newId: () => string;
  readonly logger: Logger;
  /** Each at most once, also over restarts. */
  readonly onNotice: (notice: IncidentNotice) => void;
  /** Every change of an incident, for those who look at it live. */
  readonly onChanged: (incident: Incident) => void;
}

/** Runs the rules of incidents: keeps them, wakes when time matters, and lets a notice out once it is written down. */
export class IncidentBook {
  readonly #options: IncidentBookOptions;
  readonly #dirty = new Map<string, StoredIncident>();
  #state = NO_INCIDENTS;
  /** What happens before the incidents of the last monitor are known. */
  #early: IncidentInput[] | null = [];
  #timer: NodeJS.Timeout | undefined;
  #keepTimer: NodeJS.Timeout | undefined;
  #notices: Promise<void> = Promise.resolve();
  #keeping: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(options: IncidentBookOptions) {
    this.#options = options;
  }

  /** Takes up what the monitor before left; without a history it begins with nothing. */
  async start(): Promise<void> {
    const { log, now, watched, logger } = this.#options;
    const load = log.incidents(now() - NOTICE_WINDOW_MS, MAX_RECENT).catch((error: unknown) => {
      logger.warn('incidents.notRestored', { code: 'HISTORY_UNAVAILABLE', message: String(error) });
      return [];
    });
    const incidents = await withinLimit(load, RESTORE_LIMIT_MS, () => []);
    const early = this.#early ?? [];
    this.#early = null;
    for (const input of [{ kind: 'restored' as const, incidents, watched: new Set(watched()) }, ...early]) {
      this.#take(input);
    }
  }

  changed(transition: HealthTransition): void {
    this.#take({ kind: 'transition', transition, isOwn: this.#options.isOwn(transition.server) });
  }

  isolated(isIsolated: boolean): void {
    this.#take({ kind: 'isolation', isIsolated });
  }

  /** Those that are open now, in the order in which they opened. */
  open(): readonly Incident[] {
    return this.#state.open.map(({ incident }) => publicOf(incident));
  }

  /** Lets the notices out that are due, and writes what changed. Whatever is open stays open for the next monitor. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#keepTimer);
    await this.#notices;
    await withinLimit(this.#keepDirty(), KEEP_LIMIT_MS, () => undefined);
  }

  #take(input: IncidentInput): void {
    if (this.#isStopped) return;
    if (this.#early !== null) {
      this.#early.push(input);
      return;
    }
    const { monotonic, now, newId } = this.#options;
    const { state, effects } = stepIncidents(this.#state, input, { nowMs: monotonic(), at: now(), newId: newId() });
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    this.#wakeWhenDue();
  }

  #do(effect: IncidentEffect): void {
    switch (effect.kind) {
      case 'keep':
        this.#dirty.set(effect.incident.id, effect.incident);
        this.#keepTimer ??= setTimeout(() => void this.#keepDirty(), KEEP_EVERY_MS);
        break;
      case 'notice': {
        const { what, incident } = effect;
        // One after the other, so that a recovery never overtakes its incident.
        this.#notices = this.#notices.then(() => this.#tell(what, incident));
        break;
      }
    }
  }

  async #tell(what: IncidentNotice['what'], incident: StoredIncident): Promise<void> {
    await withinLimit(this.#keepDirty(), KEEP_LIMIT_MS, () => undefined);
    this.#options.logger.info(`incident.${what === 'incident' ? 'opened' : 'over'}`, publicOf(incident));
    this.#options.onNotice({ what, incident: publicOf(incident) });
  }

  /** Returns when everything up to now is kept, or known to wait. */
  async #keepDirty(): Promise<void> {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    const dirty = [...this.#dirty.values()];
    this.#dirty.clear();
    for (const incident of dirty) this.#options.onChanged(publicOf(incident));
    this.#keeping = Promise.all([this.#keeping, ...dirty.map((incident) => this.#options.log.keepIncident(incident))]);
    await this.#keeping;
  }

  #wakeWhenDue(): void {
    clearTimeout(this.#timer);
    const dueMs = nextDueMs(this.#state);
    if (dueMs === null) return;
    const waitMs = Math.max(0, dueMs - this.#options.monotonic());
    this.#timer = setTimeout(() => this.#take({ kind: 'tick' }), Math.ceil(waitMs));
    this.#timer.unref();
  }
}

function publicOf({ isAnnounced: _isAnnounced, ...incident }: StoredIncident): Incident {
  return incident;
}
