import type { ServerState } from './fleet-snapshot.ts';
import type { HealthSettings } from './health-settings.ts';
import type { Surroundings } from './judge-silence.ts';
import type { Observation, ProbeCause, WitnessVotes } from './observation.ts';
import { RecentAnswers } from './recent-answers.ts';
import { isSteady, newServer, stateOf, stepServer, type ServerHealth, type ServerInput } from './server-health.ts';
import type { Reachability } from './verdict.ts';

export interface FleetMember {
  readonly name: string;
  /** On the observer's own machine: it proves nothing about the network, and an isolation does not concern it. */
  readonly isOwn: boolean;
  readonly isHeldOnline: boolean;
  readonly isInMaintenance: boolean;
}

export type FleetInput =
  | {
      readonly kind: 'observed';
      readonly server: string;
      readonly observation: Observation;
      /** When the probe was begun. */
      readonly startedMs: number;
    }
  | { readonly kind: 'witnessed'; readonly server: string; readonly votes: WitnessVotes }
  | { readonly kind: 'suspected'; readonly server: string }
  | { readonly kind: 'maintenance'; readonly server: string; readonly isOn: boolean };

export type FleetEffect =
  | { readonly kind: 'askWitnesses'; readonly server: string }
  | { readonly kind: 'probeNow'; readonly server: string }
  | {
      readonly kind: 'transition';
      readonly server: string;
      readonly from: ServerState;
      readonly to: ServerState;
      readonly lastedMs: number;
      readonly cause: ProbeCause | null;
      readonly isConfirmed: boolean;
    }
  | {
      readonly kind: 'reachability';
      readonly server: string;
      readonly reachability: Reachability;
      readonly cause: ProbeCause | null;
    }
  | { readonly kind: 'isolation'; readonly isIsolated: boolean };

/** How one member stands, always the latest; for those who read it thousands of times a second. */
export interface WatchedHealth {
  readonly member: FleetMember;
  readonly server: ServerHealth;
}

interface Entry extends WatchedHealth {
  server: ServerHealth;
}

/** Others that are asked at once when a silent server cannot be judged. */
const MAX_ASKED_OTHERS = 3;
const ANSWERS_PER_TIMEOUT = 20;

/**
 * The health machines of all servers that one observer watches, and what they are to each other. Decides only: it is fed
 * with inputs and a monotonic clock and answers with effects, the same ones for the same inputs. It changes in place
 * because thousands of servers are observed a second.
 */
export class FleetHealth {
  readonly #settings: HealthSettings;
  readonly #hasWitnesses: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #answers: RecentAnswers;
  /** Servers that count as evidence and are not silent, and those that are, neither of them known to be unreachable. */
  #openCount = 0;
  #silentCount = 0;
  #isIsolated = false;

  constructor(options: { readonly settings: HealthSettings; readonly hasWitnesses: boolean }) {
    this.#settings = options.settings;
    this.#hasWitnesses = options.hasWitnesses;
    this.#answers = new RecentAnswers(options.settings.timeoutMs / ANSWERS_PER_TIMEOUT);
  }

  add(member: FleetMember, nowMs: number): WatchedHealth {
    const entry = { member, server: newServer(nowMs, member) };
    this.#entries.set(member.name, entry);
    this.#count(standingOf(entry), 1);
    return entry;
  }

  get(name: string): ServerHealth | undefined {
    return this.#entries.get(name)?.server;
  }

  /**
   * The answer of a server that is up without a doubt, as nearly all are: it changes nothing. Answers whether it was that;
   * else it is for `step`. A way of its own because thousands of them come in a second.
   */
  steadySuccess({ member, server }: WatchedHealth, nowMs: number): boolean {
    if (this.#isIsolated || !isSteady(server)) return false;
    if (!member.isOwn) this.#answers.add(nowMs);
    return true;
  }

  step(input: FleetInput, nowMs: number): readonly FleetEffect[] {
    const effects: FleetEffect[] = [];
    if (this.#isAnswer(input)) this.#answered(nowMs, effects);
    const entry = this.#entries.get(input.server);
    if (entry !== undefined) this.#stepServer(entry, input, nowMs, effects);
    if (input.kind === 'suspected') effects.push({ kind: 'probeNow', server: input.server });
    return effects;
  }

  /** Whether somebody on the network has just been heard. */
  #isAnswer(input: FleetInput): boolean {
    if (input.kind === 'witnessed') return input.votes.reached + input.votes.unreached > 0;
    if (input.kind !== 'observed' || this.#entries.get(input.server)?.member.isOwn !== false) return false;
    return input.observation.kind === 'success' || input.observation.kind === 'failure';
  }

  #answered(nowMs: number, effects: FleetEffect[]): void {
    this.#answers.add(nowMs);
    if (!this.#isIsolated) return;
    this.#isIsolated = false;
    for (const entry of this.#entries.values()) {
      if (entry.server.rule === 'isolated') this.#stepServer(entry, { kind: 'healed' }, nowMs, effects);
    }
    effects.push({ kind: 'isolation', isIsolated: false });
  }

  #stepServer(entry: Entry, input: ServerInput, nowMs: number, effects: FleetEffect[]): void {
    const { member, server: before } = entry;
    const step = stepServer(before, member.isOwn ? withoutNetwork(input) : input, {
      nowMs,
      settings: this.#settings,
      surroundings: this.#surroundingsOf(entry),
    });
    this.#count(standingOf(entry), -1);
    entry.server = step.server;
    this.#count(standingOf(entry), 1);
    report(member.name, before, step.server, { nowMs, effects });
    for (const effect of step.effects) {
      if (effect.kind === 'askWitnesses') effects.push({ kind: 'askWitnesses', server: member.name });
      else if (effect.kind === 'probeOthers') this.#probeOthers(member.name, effects);
      else this.#isolate(nowMs, effects);
    }
  }

  #surroundingsOf(entry: WatchedHealth): Surroundings {
    const standing = standingOf(entry);
    return {
      hasWitnesses: this.#hasWitnesses,
      isIsolated: this.#isIsolated,
      // Never its own: it is silent, and has been since.
      hasAnswerBetween: (fromMs, toMs) => this.#answers.hasBetween(fromMs, toMs),
      others: () => {
        if (this.#openCount - (standing === 'open' ? 1 : 0) > 0) return 'open';
        return this.#silentCount - (standing === 'silent' ? 1 : 0) > 0 ? 'silent' : 'none';
      },
    };
  }

  /** Whoever was not silent last may prove the network, also a server that refuses. */
  #probeOthers(silent: string, effects: FleetEffect[]): void {
    let asked = 0;
    for (const { member, server } of this.#entries.values()) {
      const isProof = !member.isOwn && (server.failures === 0 || !server.isSilent);
      if (member.name === silent || !isProof) continue;
      effects.push({ kind: 'probeNow', server: member.name });
      asked += 1;
      if (asked >= MAX_ASKED_OTHERS) return;
    }
  }

  #isolate(nowMs: number, effects: FleetEffect[]): void {
    if (this.#isIsolated) return;
    this.#isIsolated = true;
    effects.push({ kind: 'isolation', isIsolated: true });
    for (const entry of this.#entries.values()) {
      if (!entry.member.isOwn) this.#stepServer(entry, { kind: 'isolated' }, nowMs, effects);
    }
  }

  #count(standing: 'open' | 'silent' | 'none', by: 1 | -1): void {
    if (standing === 'open') this.#openCount += by;
    else if (standing === 'silent') this.#silentCount += by;
  }
}

/** What a server is to others that are silent: a possible proof, one more that is silent, or nothing. */
function standingOf({ member, server }: WatchedHealth): 'open' | 'silent' | 'none' {
  if (member.isOwn || server.reachability === 'unreachable') return 'none';
  if (server.failures === 0 && server.ownFailures === 0) return 'open';
  // A name that never led anywhere tells nothing of the network now.
  return server.failures > 0 || server.hasAnswered ? 'silent' : 'none';
}

function report(
  name: string,
  before: ServerHealth,
  after: ServerHealth,
  { nowMs, effects }: { readonly nowMs: number; readonly effects: FleetEffect[] },
): void {
  const { cause, isConfirmed, reachability } = after;
  if (before.reachability !== reachability) {
    effects.push({ kind: 'reachability', server: name, reachability, cause });
  }
  const [from, to] = [stateOf(before), stateOf(after)];
  if (from === to) return;
  effects.push({
    ...{ kind: 'transition', server: name, from, to, lastedMs: nowMs - before.sinceMs, cause, isConfirmed },
  });
}

/** No network lies between us and a server on our own machine: its silence is its own. */
function withoutNetwork(input: ServerInput): ServerInput {
  if (input.kind !== 'observed' || input.observation.kind !== 'silence') return input;
  return { ...input, observation: { kind: 'failure', cause: input.observation.cause } };
}
