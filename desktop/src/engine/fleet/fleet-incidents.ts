import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import {
  nextDueMs,
  NO_INCIDENTS,
  stepIncidents,
  type IncidentEffect,
  type IncidentInput,
} from '@imagefleet/shared/common/health/incidents.ts';
import { REOPEN_MS } from '@imagefleet/shared/common/health/incident-rules.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { StoredIncident } from '@imagefleet/shared/common/health/stored-incident.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { FleetClock } from './fleet-clock.ts';
import type { FleetIncident, IncidentNews } from './fleet-incident.ts';
import { TimesOfIncidents } from './incident-times.ts';
import { renamedIncidents } from './renamed-incidents.ts';

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
  /** Whether this is the key of a configured server of which no agent's name is known: agents may tell of it under theirs. */
  readonly isUnnamed: (key: string) => boolean;
  /** Whether this is the key of a configured server, and not the name of another one. */
  readonly isConfigured: (key: string) => boolean;
  /** What people call the server with this key. */
  readonly nameOf: (key: string) => string;
  readonly onNews: (news: IncidentNews) => void;
  /** At once when something that was missing is up: the server with this key, or the own network for undefined. */
  readonly onBack: (key: string | undefined) => void;
}

const OWN_NETWORK = 'MONITOR_ISOLATED' satisfies ErrorCode;

/** `gone`: missed by nobody, and not back: taken out of the fleet, or taken in hand by somebody. */
type Word = 'down' | 'up' | 'gone';
type Reason = Pick<StoredIncident, 'cause' | 'isConfirmed'>;
const NO_CAUSE: Reason = { cause: null, isConfirmed: true };

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
  readonly #times = new TimesOfIncidents();
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
    // The rules forget with the next input only, which may be long in coming.
    const oldestMs = this.#options.clock.monotonic() - REOPEN_MS;
    const ended = recent.filter(({ closedMs }) => closedMs > oldestMs);
    const kept = [...ended, ...open].map(({ incident }) => incident);
    // One that begins again was told before: it stays in sight until that is told too.
    const isKnown = ({ isAnnounced, reopened }: StoredIncident): boolean => isAnnounced || reopened > 0;
    return kept.filter(isKnown).map((incident) => this.#publicOf(incident));
  }

  /** An agent's incident, opened or changed; `keyOf` tells a server by the name that agents give it. */
  told(incident: Incident, keyOf: (name: string) => string): void {
    // That agent is cut off from the others and judges nobody. It is no network of ours: we hear it.
    if (incident.cause?.code === OWN_NETWORK) return;
    const missing = new Set(incident.closedAt === null ? incident.missing : []);
    for (const name of incident.servers) this.#note(keyOf(name), missing.has(name) ? 'down' : 'up', incident);
  }

  /**
   * What an agent says of all servers; it was asked at `askedMs` of the monotonic clock, and what was told of a server since
   * then is newer. A server that is not among them is none of this fleet any more, unless it may be among them under its name.
   */
  seen(servers: readonly SeenServer[], askedMs: number): void {
    const isNewer = (key: string): boolean => (this.#facts.get(key)?.atMs ?? -Infinity) > askedMs;
    const keys = new Set(servers.map(({ key }) => key));
    const { isUnnamed } = this.#options;
    for (const key of this.#facts.keys()) {
      if (!keys.has(key) && !isNewer(key) && !isUnnamed(key)) this.#note(key, 'gone', NO_CAUSE);
    }
    for (const { key, state, cause } of servers) {
      // Warming up is not back yet; unknown is no news.
      if (isNewer(key) || state === 'warming' || state === 'unknown') continue;
      if (state === 'down' && this.#mayBeKnown(key)) continue;
      this.#note(key, state === 'maintenance' ? 'gone' : state, { cause, isConfirmed: true });
    }
    this.ownNetwork(false);
  }

  /**
   * What own probes say while no agent does: these do not take connections. Of the others nothing is known, for who takes
   * connections may still be none that works, but for those in `up`.
   */
  ownDown(down: ReadonlyMap<string, ProbeCause>, up: ReadonlySet<string> = new Set()): void {
    for (const key of up) this.#note(key, 'up', NO_CAUSE);
    for (const [key, cause] of down) this.#note(key, 'down', { cause, isConfirmed: true });
    this.ownNetwork(false);
  }

  /** Whether this machine's own network is cut. */
  ownNetwork(isCut: boolean): void {
    if (this.#isCut === isCut) return;
    this.#isCut = isCut;
    this.#take({ kind: 'isolation', isIsolated: isCut });
    if (!isCut) this.#tellBack(undefined);
  }

  /** Nothing is told after it. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  /** The server with the first key has the second one from now on. */
  rename(from: string, to: string): void {
    const fact = this.#facts.get(from);
    if (fact === undefined) return;
    this.#facts.delete(from);
    const known = this.#facts.get(to);
    if (known === undefined || known.atMs < fact.atMs) this.#facts.set(to, fact);
    this.#state = renamedIncidents(this.#state, from, to);
  }

  /** Whether one that is down already, and of which only its address is known, may be this one that is told by name. */
  #mayBeKnown(key: string): boolean {
    const { isConfigured, isUnnamed } = this.#options;
    if (this.#facts.has(key) || isConfigured(key)) return false;
    return [...this.#facts].some(([other, { isDown }]) => isDown && isUnnamed(other));
  }

  #note(server: string, word: Word, { cause, isConfirmed }: Reason): void {
    const isDown = word === 'down';
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
    if (word === 'up') this.#tellBack(server);
  }

  #take(input: IncidentInput): void {
    if (this.#isClosed) return;
    const { clock, newId } = this.#options;
    const moment = { nowMs: clock.monotonic(), at: clock.now(), newId: newId() };
    const { state, effects } = stepIncidents(this.#state, input, moment);
    this.#state = state;
    this.#times.follow(state, moment.at);
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

  #tellBack(key: string | undefined): void {
    if (!this.#isClosed) this.#options.onBack(key);
  }

  #publicOf({ id, servers, cause, openedAt, closedAt, reopened }: StoredIncident): FleetIncident {
    const isOwn = cause?.code === OWN_NETWORK;
    const { since, backAt } = this.#times.of(id) ?? { since: openedAt, backAt: closedAt };
    return {
      ...{ id, kind: isOwn ? 'ownNetwork' : 'servers', code: cause?.code ?? null, reopened },
      servers: isOwn ? [] : servers.map((key) => this.#options.nameOf(key)),
      ...{ openedAt, since, backAt, until: closedAt === null ? null : (backAt ?? closedAt) },
      lastedMs: backAt === null ? null : Math.max(0, backAt - since),
    };
  }
}
