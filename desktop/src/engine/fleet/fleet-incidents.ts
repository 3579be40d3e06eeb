import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import {
  nextDueMs,
  NO_INCIDENTS,
  stepIncidents,
  type IncidentEffect,
  type IncidentInput,
} from '@imagefleet/shared/common/health/incidents.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { FleetClock } from './fleet-clock.ts';
import type { FleetIncident, IncidentNews } from './fleet-incident.ts';

/** What an agent says of a server, at the moment at which it was asked. */
export interface SeenServer {
  /** The same for a server whoever tells of it. */
  readonly key: string;
  readonly state: ServerState;
  readonly cause: ProbeCause | null;
}

export interface FleetIncidentsOptions {
  readonly clock: FleetClock;
  readonly newId: () => string;
  /** What people call the server with this key. */
  readonly nameOf: (key: string) => string;
  readonly onNews: (news: IncidentNews) => void;
}

const OWN_NETWORK = 'MONITOR_ISOLATED' satisfies ErrorCode;

interface Fact {
  readonly isDown: boolean;
  readonly atMs: number;
}

/**
 * Incidents of the fleet as this machine tells them, once each whoever tells of them: what agents and own probes say is
 * taken apart into servers that are down and servers that are back, and put together by the rules of the monitor. So the
 * same incident told again by another agent, under another id, is nothing new.
 */
export class FleetIncidents {
  readonly #options: FleetIncidentsOptions;
  readonly #facts = new Map<string, Fact>();
  #state = NO_INCIDENTS;
  #isCut = false;
  #cancelTimer = (): void => undefined;
  #isClosed = false;

  constructor(options: FleetIncidentsOptions) {
    this.#options = options;
  }

  /** Those of the last minutes that people were told of, the oldest first. */
  list(): readonly FleetIncident[] {
    const { recent, open } = this.#state;
    const kept = [...recent.map(({ incident }) => incident), ...open.map(({ incident }) => incident)];
    return kept.filter(({ isAnnounced }) => isAnnounced).map((incident) => this.#publicOf(incident));
  }

  /** An agent's incident, opened or changed; `keyOf` tells a server by the name that agents give it. */
  told(incident: Incident, keyOf: (name: string) => string): void {
    // That agent is cut off from the others and judges nobody. It is no network of ours: we hear it.
    if (incident.cause?.code === OWN_NETWORK) return;
    const missing = new Set(incident.closedAt === null ? incident.missing : []);
    for (const name of incident.servers)
      this.#note(keyOf(name), missing.has(name), incident.cause, incident.isConfirmed);
  }

  /**
   * What an agent says of all servers; it was asked at `askedMs` of the monotonic clock, and what was told of a server since
   * then is newer. A server that is not among them is none of this fleet any more.
   */
  seen(servers: readonly SeenServer[], askedMs: number): void {
    const isNewer = (key: string): boolean => (this.#facts.get(key)?.atMs ?? -Infinity) > askedMs;
    const keys = new Set(servers.map(({ key }) => key));
    for (const key of this.#facts.keys()) if (!keys.has(key) && !isNewer(key)) this.#note(key, false, null, true);
    for (const { key, state, cause } of servers) {
      // Warming up is not back yet; unknown is no news.
      if (isNewer(key) || state === 'warming' || state === 'unknown') continue;
      this.#note(key, state === 'down', cause, true);
    }
    this.ownNetwork(false);
  }

  /** What own probes say while no agent does: these do not take connections; the others do, or nothing is known of them. */
  ownDown(down: ReadonlyMap<string, ProbeCause>): void {
    for (const [key, cause] of down) this.#note(key, true, cause, true);
    this.ownNetwork(false);
  }

  /** Whether this machine's own network is cut. */
  ownNetwork(isCut: boolean): void {
    if (this.#isCut === isCut) return;
    this.#isCut = isCut;
    this.#take({ kind: 'isolation', isIsolated: isCut });
  }

  /** Nothing is told after it. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #note(server: string, isDown: boolean, cause: ProbeCause | null, isConfirmed: boolean): void {
    const before = this.#facts.get(server)?.isDown ?? false;
    this.#facts.set(server, { isDown, atMs: this.#options.clock.monotonic() });
    if (before === isDown) return;
    const to = isDown ? 'down' : 'up';
    const transition = {
      server,
      from: 'unknown',
      to,
      at: this.#options.clock.now(),
      lastedMs: 0,
      cause,
      isConfirmed,
    } as const;
    this.#take({ kind: 'transition', transition, isOwn: false });
  }

  #take(input: IncidentInput): void {
    if (this.#isClosed) return;
    const { clock, newId } = this.#options;
    const moment = { nowMs: clock.monotonic(), at: clock.now(), newId: newId() };
    const { state, effects } = stepIncidents(this.#state, input, moment);
    this.#state = state;
    const dueMs = nextDueMs(state);
    this.#cancelTimer();
    if (dueMs !== null) {
      const waitMs = Math.max(0, Math.ceil(dueMs - clock.monotonic()));
      this.#cancelTimer = clock.setTimer(() => this.#take({ kind: 'tick' }), waitMs);
    }
    for (const effect of effects) this.#tell(effect);
  }

  #tell(effect: IncidentEffect): void {
    if (effect.kind !== 'notice') return;
    const what = effect.what === 'incident' ? 'opened' : 'over';
    this.#options.onNews({ what, incident: this.#publicOf(effect.incident) });
  }

  #publicOf({ id, servers, cause, openedAt, closedAt, reopened }: StoredIncident): FleetIncident {
    const isOwn = cause?.code === OWN_NETWORK;
    return {
      ...{ id, kind: isOwn ? 'ownNetwork' : 'servers', code: cause?.code ?? null, reopened },
      servers: isOwn ? [] : servers.map((key) => this.#options.nameOf(key)),
      ...{ since: openedAt, until: closedAt, lastedMs: closedAt === null ? null : Math.max(0, closedAt - openedAt) },
    };
  }
}
