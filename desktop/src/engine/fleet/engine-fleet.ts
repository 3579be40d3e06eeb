import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { incident as incidentSchema } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { LiveEvent, LiveListener, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import type { OperatorClient } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { HeardState, TargetChoice } from '#engine/queue/upload-ports.ts';
import { preferredOrder } from '#engine/target/preferred-order.ts';
import { askName } from './ask-name.ts';
import type { OpenStream } from './event-stream.ts';
import { FleetCalls } from './fleet-calls.ts';
import type { FleetClock } from './fleet-clock.ts';
import type { FleetBack, FleetIncident, IncidentNews } from './fleet-incident.ts';
import { FleetIncidents } from './fleet-incidents.ts';
import { FleetMembers, type ConnectClient, type FleetAccess } from './fleet-members.ts';
import { createFleetOperator } from './fleet-operator.ts';
import type { FleetView } from './fleet-view.ts';
import { FleetWatch, type HeardFleet } from './fleet-watch.ts';
import type { OwnVerdict } from './judge-own-probes.ts';
import { LiveFeed } from './live-feed.ts';
import { OwnProbes, type ProbeMachine } from './own-probes.ts';
import { ServerNames } from './server-names.ts';
import { viewOf } from './view-of.ts';

/** A change of the agent that tells takes less; only then do own probes begin. */
const UNHEARD_MS = 1000;

export interface EngineFleetOptions extends FleetAccess {
  /** Chosen once for this machine: it decides which server is preferred. */
  readonly machineKey: string;
  /** Hears what the fleet says of its servers. */
  readonly target: Pick<TargetChoice, 'heard'>;
  readonly clock: FleetClock;
  readonly newId: () => string;
  readonly connect: ConnectClient;
  readonly openStream: (key: () => string | undefined) => OpenStream;
  readonly machine: ProbeMachine;
  /** Whether anybody answers HTTP at this address; never rejects. */
  readonly isAlive: (server: string) => Promise<boolean>;
}

/**
 * The fleet as the engine knows it: calls that go on elsewhere when an agent dies, the events of one agent at a time, how all
 * servers are, and what failed and is back. While no agent answers it looks for itself, and knows its own network's
 * failure from the fleet's.
 */
export class EngineFleet {
  /** API v1 of the whole fleet. */
  readonly api: OperatorClient;
  readonly #options: EngineFleetOptions;
  readonly #members: FleetMembers;
  readonly #names: ServerNames;
  readonly #feed: LiveFeed;
  readonly #watch: FleetWatch;
  readonly #probes: OwnProbes;
  readonly #incidents: FleetIncidents;
  readonly #listeners = new Set<LiveListener>();
  readonly #hearers = new Set<(news: IncidentNews) => void>();
  readonly #backHearers = new Set<(back: FleetBack) => void>();
  /** Name -> the key under which it was told last. */
  readonly #keys = new Map<string, string>();
  #order: readonly string[] = [];
  #heard: HeardFleet | undefined;
  #heardAt: number | null = null;
  /** Whether an agent answered when it was asked last. */
  #isHeard = false;
  /** Why none did. */
  #unheard: FleetError | undefined;
  #verdict: OwnVerdict | undefined;
  /** Whether the events of the last agent ended before another one was heard. */
  #wasLost = false;
  #cancelUnheard = (): void => undefined;

  constructor(options: EngineFleetOptions) {
    this.#options = options;
    const { clock, isAlive, newId, machine } = options;
    this.#members = new FleetMembers(options.connect);
    this.#names = new ServerNames({ ask: (server) => askName(this.#members.client(server), clock) });
    const order = (): readonly string[] => this.#followedFirst();
    const calls = new FleetCalls({ order, client: (server) => this.#members.client(server), isAlive, clock });
    this.api = createFleetOperator({ calls, servers: () => this.#order });
    this.#feed = new LiveFeed({
      ...{ clock, isAlive, open: options.openStream(() => this.#members.key) },
      onState: (state) => this.#onState(state),
      onEvent: (event) => this.#onEvent(event),
    });
    this.#watch = new FleetWatch({
      ...{ calls, clock, names: this.#names },
      onHeard: (heard) => this.#onHeard(heard),
      onUnheard: (error) => this.#onUnheard(error),
    });
    const servers = (): readonly string[] => this.#order;
    this.#probes = new OwnProbes({ machine, servers, clock, onVerdict: (verdict) => this.#onVerdict(verdict) });
    this.#incidents = new FleetIncidents({
      ...{ clock, newId, nameOf: (key) => this.#names.labelOf(key) },
      isUnnamed: (key) => this.#names.isUnnamed(key),
      isConfigured: (key) => this.#names.isConfigured(key),
      onNews: (news) => this.#tellAll(news),
      onBack: (key) => this.#tellBack(key === undefined ? 'ownNetwork' : 'server'),
    });
    this.use(options);
  }

  /** Begins to listen and to look. */
  start(): void {
    this.#awaitAgent();
    this.#feed.start();
    this.#watch.start();
  }

  /** Returns when nothing goes on any more; calls that are under way fail with PEER_UNREACHABLE. */
  async close(): Promise<void> {
    this.#cancelUnheard();
    this.#watch.close();
    this.#incidents.close();
    this.#listeners.clear();
    this.#hearers.clear();
    this.#backHearers.clear();
    this.#members.close();
    await Promise.all([this.#feed.close(), this.#probes.stop()]);
  }

  /** Other servers or another key from now on. */
  use(access: FleetAccess): void {
    const isNewKey = access.key !== this.#members.key;
    this.#members.use(access);
    this.#order = preferredOrder(this.#members.servers, this.#options.machineKey);
    this.#names.use(this.#order);
    this.#feed.use(this.#order, isNewKey);
    this.#watch.stale();
  }

  /** Hears the fleet's events until the returned function is called, as a page of the console does. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    listener.onState(this.#feed.state);
    return () => void this.#listeners.delete(listener);
  }

  snapshot(): FleetView {
    return viewOf({
      ...{ servers: this.#order, names: this.#names, heardAt: this.#heardAt },
      heard: this.#heard,
      isHeard: this.#isHeard,
      verdict: this.#verdict,
      live: this.#feed.state,
      followed: this.#feed.followed ?? null,
      ...{ unheard: this.#unheard, feedError: this.#feed.error },
    });
  }

  /** Those of the last minutes, the oldest first; those without an end are open. */
  incidents(): readonly FleetIncident[] {
    return this.#incidents.list();
  }

  /** Hears of incidents and of their ends until the returned function is called. */
  onIncident(hear: (news: IncidentNews) => void): () => void {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  }

  /**
   * Hears at once that something works again, until the returned function is called: what waits for it can go on. The end of an
   * incident is told later when that came again and again.
   */
  onBack(hear: (back: FleetBack) => void): () => void {
    this.#backHearers.add(hear);
    return () => void this.#backHearers.delete(hear);
  }

  /** Why no events are heard; undefined while they are. */
  get error(): FleetError | undefined {
    return this.#feed.error;
  }

  #followedFirst(): readonly string[] {
    const { followed } = this.#feed;
    return followed === undefined ? this.#order : [followed, ...this.#order.filter((server) => server !== followed)];
  }

  #onState(state: LiveState): void {
    if (state === 'live') this.#stopProbes();
    else this.#awaitAgent();
    if (state === 'live' && this.#wasLost) this.#tellBack('feed');
    this.#wasLost = state === 'lost';
    this.#watch.stale();
    for (const { onState } of this.#listeners) onState(state);
  }

  #onEvent(event: LiveEvent): void {
    if (event.kind === 'incident') this.#onIncidentEvent(event.data);
    if (event.kind === 'incident' || event.kind === 'server') this.#watch.stale();
    for (const { onEvent } of this.#listeners) onEvent(event);
  }

  #onIncidentEvent(data: LiveEvent['data']): void {
    const told = incidentSchema.safeParse(data);
    // Before the names are known nobody could say who is meant; the first look at all servers tells as well. An incident of
    // a later version is told by that too.
    if (told.success && this.#isHeard) this.#incidents.told(told.data, (name) => this.#keyOf(name));
  }

  #onHeard(heard: HeardFleet): void {
    const { clock, target } = this.#options;
    const listed = new Set(heard.servers.map(({ name }) => name));
    for (const name of this.#keys.keys()) if (!listed.has(name)) this.#keys.delete(name);
    this.#heard = heard;
    this.#heardAt = clock.now();
    this.#isHeard = true;
    this.#unheard = undefined;
    this.#stopProbes();
    const seen = heard.servers.map(({ name, state, cause }) => ({ key: this.#keyOf(name), state, cause }));
    this.#incidents.seen(seen, heard.askedMs);
    const states = heard.servers.flatMap(({ name, state }): HeardState[] => {
      const server = this.#names.serverOf(name);
      return server === undefined ? [] : [{ server, state }];
    });
    target.heard(states);
    this.#feed.offer(new Set(states.filter(({ state }) => state === 'up').map(({ server }) => server)));
  }

  /** The key of a server by the name that agents give it; what is known of it goes with it when that changes. */
  #keyOf(name: string): string {
    const key = this.#names.keyOf(name);
    const before = this.#keys.get(name);
    if (before !== undefined && before !== key) this.#incidents.rename(before, key);
    this.#keys.set(name, key);
    return key;
  }

  #onUnheard(error: FleetError): void {
    this.#isHeard = false;
    this.#unheard = error;
    if (this.#feed.state !== 'live') this.#probes.start();
  }

  /** Own probes begin when nobody tells for a while. */
  #awaitAgent(): void {
    this.#cancelUnheard();
    this.#cancelUnheard = this.#options.clock.setTimer(() => {
      this.#isHeard = false;
      this.#probes.start();
    }, UNHEARD_MS);
  }

  #stopProbes(): void {
    this.#cancelUnheard();
    this.#verdict = undefined;
    void this.#probes.stop();
  }

  #onVerdict(verdict: OwnVerdict): void {
    const isBetter = hasMoreUp(this.#verdict, verdict);
    this.#verdict = verdict;
    switch (verdict.kind) {
      case 'ownNetwork':
        this.#incidents.ownNetwork(true);
        break;
      case 'answered':
        // Agents that refuse the key will never tell who is back.
        this.#incidents.ownDown(verdict.down, this.#unheard?.isRetryable === false ? verdict.up : new Set());
        break;
      case 'down':
        this.#incidents.ownDown(verdict.down);
        break;
      case 'unconfirmed':
        break;
    }
    if (isBetter) {
      this.#feed.wake();
      this.#watch.stale();
    }
  }

  #tellAll(news: IncidentNews): void {
    for (const hear of this.#hearers) hear(news);
  }

  #tellBack(back: FleetBack): void {
    for (const hear of this.#backHearers) hear(back);
  }
}

/** Whether a server takes connections that did not: it is worth asking it now. */
function hasMoreUp(before: OwnVerdict | undefined, now: OwnVerdict): boolean {
  if (now.kind !== 'answered') return false;
  if (before?.kind !== 'answered') return true;
  return [...before.down.keys()].some((key) => !now.down.has(key));
}
