import type { ServerState } from './fleet-snapshot.ts';
import type { HealthSettings } from './health-settings.ts';
import { judgeSilence, type Surroundings } from './judge-silence.ts';
import type { Observation, ProbeCause, WitnessVotes } from './observation.ts';
import type { Reachability, VerdictRule } from './verdict.ts';

/** What a server is apart from maintenance, which only hides it. */
export type CoreState = Exclude<ServerState, 'maintenance'>;

/** All that is remembered of one server. Instants are milliseconds of one monotonic clock. */
export interface ServerHealth {
  readonly core: CoreState;
  readonly isInMaintenance: boolean;
  readonly rule: VerdictRule;
  readonly reachability: Reachability;
  /** Since when the visible state is what it is. */
  readonly sinceMs: number;
  /** At the start the status files said it was online: it stays unknown, not warming, until it has warmed up again. */
  readonly isHeldOnline: boolean;
  /** It has been called down, and has not been up since: coming back and going again is no news of its own. */
  readonly wasDown: boolean;
  /** It has answered since the start, in whatever way, or the files say that it had before. */
  readonly hasAnswered: boolean;
  readonly lastSuccessMs: number | null;
  readonly successes: number;
  readonly failures: number;
  /** When the first failure of the present row was seen. */
  readonly failingSinceMs: number | null;
  /** The latest failure was a silence, and nothing that proves the network. */
  readonly isSilent: boolean;
  /** When the latest silent probe was begun. */
  readonly silentProbeMs: number;
  readonly ownFailures: number;
  /** The first success of the present row. */
  readonly warmSinceMs: number | null;
  /** What it goes back to when an isolation or failures of our own are over; null when neither holds. */
  readonly before: CoreState | null;
  readonly votes: WitnessVotes | null;
  readonly votesAtMs: number;
  readonly isAskingWitnesses: boolean;
  readonly cause: ProbeCause | null;
  /** False: taken for down on silence alone. */
  readonly isConfirmed: boolean;
}

export type ServerInput =
  /** `startedMs`: when the probe was begun. */
  | { readonly kind: 'observed'; readonly observation: Observation; readonly startedMs: number }
  /** The witnesses have answered, or nobody did in time. */
  | { readonly kind: 'witnessed'; readonly votes: WitnessVotes }
  /** Somebody who works with the server saw trouble. */
  | { readonly kind: 'suspected' }
  /** Everything is silent: nothing is known of it. */
  | { readonly kind: 'isolated' }
  /** Somebody answered again: its row of failures says nothing of it. */
  | { readonly kind: 'healed' }
  | { readonly kind: 'maintenance'; readonly isOn: boolean };

export type ServerEffect =
  | { readonly kind: 'askWitnesses' }
  /** Others that could prove the network have not been asked since this one fell silent. */
  | { readonly kind: 'probeOthers' }
  /** Everything fell silent together. */
  | { readonly kind: 'isolate' };

/** Between two successes of one warm-up. */
const MAX_INTERVALS_UNSEEN = 3;

export interface ServerStep {
  readonly server: ServerHealth;
  readonly effects: readonly ServerEffect[];
}

export interface HealthContext {
  readonly nowMs: number;
  readonly settings: HealthSettings;
  readonly surroundings: Surroundings;
}

export function newServer(
  nowMs: number,
  options: { readonly isHeldOnline: boolean; readonly isInMaintenance: boolean },
): ServerHealth {
  return {
    ...options,
    ...{ wasDown: false, hasAnswered: options.isHeldOnline, lastSuccessMs: null },
    ...{ core: 'unknown', rule: 'first-look', reachability: 'unknown', sinceMs: nowMs },
    ...{
      successes: 0,
      failures: 0,
      failingSinceMs: null,
      isSilent: false,
      silentProbeMs: 0,
      ownFailures: 0,
      warmSinceMs: null,
      before: null,
    },
    ...{ votes: null, votesAtMs: 0, isAskingWitnesses: false, cause: null, isConfirmed: true },
  };
}

/** Up, and without any doubt: another success tells nothing new of it. */
export function isSteady({ core, reachability, failures, ownFailures }: ServerHealth): boolean {
  return core === 'up' && reachability === 'reachable' && failures === 0 && ownFailures === 0;
}

/** What everybody sees. */
export function stateOf(server: ServerHealth): ServerState {
  return server.isInMaintenance ? 'maintenance' : server.core;
}

/** The rule behind what everybody sees. */
export function ruleOf(server: ServerHealth): VerdictRule {
  return server.isInMaintenance ? 'maintenance' : server.rule;
}

/** The health machine of one server: pure, the caller probes, asks and tells. */
export function stepServer(server: ServerHealth, input: ServerInput, context: HealthContext): ServerStep {
  const step = apply(server, input, context);
  if (stateOf(step.server) === stateOf(server)) return step;
  return { ...step, server: { ...step.server, sinceMs: context.nowMs } };
}

function apply(server: ServerHealth, input: ServerInput, context: HealthContext): ServerStep {
  switch (input.kind) {
    case 'observed':
      return observed(server, input, context);
    case 'witnessed': {
      const hasAnswer = input.votes.reached + input.votes.unreached > 0;
      const votes = hasAnswer ? input.votes : null;
      return judged({ ...server, isAskingWitnesses: false, votes, votesAtMs: context.nowMs }, context);
    }
    case 'suspected':
      return quiet(server.reachability === 'reachable' ? { ...server, reachability: 'doubted' } : server);
    case 'isolated':
      return quiet(blinded(server, 'isolated'));
    case 'healed':
      return quiet({ ...server, failures: 0, failingSinceMs: null, votes: null });
    case 'maintenance':
      return quiet(maintained(server, input.isOn));
  }
}

function observed(
  server: ServerHealth,
  { observation, startedMs }: Extract<ServerInput, { kind: 'observed' }>,
  context: HealthContext,
): ServerStep {
  switch (observation.kind) {
    case 'success':
      return quiet(answered(server, context));
    case 'failure': {
      const failed = { ...failedOnce(server, observation.cause, context.nowMs), hasAnswered: true };
      return quiet(failed.failures < context.settings.fall ? failed : lost(failed, 'failures', context));
    }
    case 'silence':
      return judged(
        { ...failedOnce(server, observation.cause, context.nowMs), isSilent: true, silentProbeMs: startedMs },
        context,
        true,
      );
    case 'ownFailure': {
      const ownFailures = server.ownFailures + 1;
      const failed = { ...server, ownFailures, cause: observation.cause };
      if (ownFailures < context.settings.fall) return quiet(failed);
      // When nobody that ever answered can be probed any more, it is the own network that is gone.
      const isCutOff = server.hasAnswered && server.core !== 'down' && context.surroundings.others() !== 'open';
      return { server: blinded(failed, 'own-failure'), effects: isCutOff ? [{ kind: 'isolate' }] : [] };
    }
  }
}

function answered(server: ServerHealth, { nowMs, settings }: HealthContext): ServerHealth {
  // Time in which nobody looked, as on a machine that slept, is no time in which it was seen to stay.
  const unseenMs = nowMs - (server.lastSuccessMs ?? nowMs);
  const warmSinceMs =
    unseenMs > MAX_INTERVALS_UNSEEN * settings.intervalMs + settings.timeoutMs ? nowMs : (server.warmSinceMs ?? nowMs);
  const successes = server.successes + 1;
  const core = coreOfAnswering(server);
  const isWarm = successes >= settings.rise && nowMs - warmSinceMs >= settings.warmUpMs;
  return {
    ...server,
    core: core !== 'up' && isWarm ? 'up' : core,
    rule: core === 'up' || isWarm ? 'warmed-up' : 'warming-up',
    reachability: 'reachable',
    isHeldOnline: server.isHeldOnline && !isWarm,
    wasDown: server.wasDown && !isWarm,
    ...{ hasAnswered: true, lastSuccessMs: nowMs },
    ...{ successes, warmSinceMs, failures: 0, failingSinceMs: null, ownFailures: 0 },
    ...{ before: null, votes: null, cause: null, isConfirmed: true },
  };
}

/** A server that answers and was out of sight goes back to what it was: nothing had been known against it. */
function coreOfAnswering({ core, before, isHeldOnline }: ServerHealth): CoreState {
  if (before === 'up') return 'up';
  if (core === 'up') return 'up';
  return isHeldOnline ? 'unknown' : 'warming';
}

function failedOnce(server: ServerHealth, cause: ProbeCause, nowMs: number): ServerHealth {
  return {
    ...server,
    reachability: server.reachability === 'reachable' ? 'doubted' : server.reachability,
    failures: server.failures + 1,
    failingSinceMs: server.failingSinceMs ?? nowMs,
    ...{ successes: 0, ownFailures: 0, warmSinceMs: null, isSilent: false, cause },
  };
}

/**
 * Nobody gets through to it. One that was down and has only begun to warm up is called down again when that has lasted as
 * long as a warm-up, so that a server which comes and goes does not make a transition each time.
 */
function lost(server: ServerHealth, rule: VerdictRule, { nowMs, settings }: HealthContext): ServerHealth {
  const failingMs = nowMs - (server.failingSinceMs ?? nowMs);
  const isBackForMoments = server.core === 'warming' && server.wasDown && !server.isInMaintenance;
  const isFlapping = isBackForMoments && failingMs < settings.warmUpMs;
  return {
    ...server,
    core: isFlapping ? 'warming' : 'down',
    wasDown: true,
    // What made it down stays the reason, unless that was a guess.
    rule: server.core === 'down' && server.isConfirmed ? server.rule : rule,
    reachability: 'unreachable',
    ...{ isHeldOnline: false, before: null, isConfirmed: rule !== 'silence-unconfirmed' },
  };
}

/** Whatever was known is kept for the day we can see again. A server that is down stays so: that was seen. */
function blinded(server: ServerHealth, rule: VerdictRule): ServerHealth {
  if (server.core === 'down') return server;
  const unseen = { reachability: 'unknown', successes: 0, warmSinceMs: null } as const;
  return { ...server, ...unseen, core: 'unknown', rule, before: server.before ?? server.core };
}

function maintained(server: ServerHealth, isOn: boolean): ServerHealth {
  if (isOn === server.isInMaintenance) return server;
  if (isOn) return { ...server, isInMaintenance: true, isHeldOnline: false };
  const isUp = server.core === 'up' || server.before === 'up';
  const afresh = { core: 'warming', before: null, rule: 'warming-up', successes: 0, warmSinceMs: null } as const;
  return { ...server, isInMaintenance: false, ...(isUp && afresh) };
}

/** Decides on a silent server as soon as it can be decided; `isNew` when another silence has just come. */
function judged(server: ServerHealth, context: HealthContext, isNew = false): ServerStep {
  const { settings, surroundings } = context;
  if (server.failingSinceMs === null) return quiet(server);
  const isDue = isNew && server.core !== 'down' && server.failures >= settings.fall - 1;
  const asks = isDue && surroundings.hasWitnesses && !server.isAskingWitnesses;
  const asked = asks ? { ...server, isAskingWitnesses: true } : server;
  const effects: ServerEffect[] = asks ? [{ kind: 'askWitnesses' }] : [];
  const isSettled = server.core === 'down' || (server.rule === 'isolated' && surroundings.isIsolated);
  if (isSettled) return { server: asked, effects };
  // At the first silence others are asked, too: by the time this one has to be judged, they have answered or not.
  if (isNew && server.failures === 1) effects.push({ kind: 'probeOthers' });
  if (server.failures < settings.fall) return { server: asked, effects };
  const judgement = judgeSilence({ ...asked, failingSinceMs: server.failingSinceMs }, settings.fall, surroundings);
  switch (judgement.kind) {
    case 'wait':
      return { server: asked, effects: judgement.asksOthers ? [...effects, { kind: 'probeOthers' }] : effects };
    case 'stays':
      return { server: { ...asked, rule: 'witnesses-reach-it', reachability: 'unreachable' }, effects };
    case 'lost':
      return { server: lost(asked, judgement.rule, context), effects };
    case 'isolated':
      return { server: asked, effects: [...effects, { kind: 'isolate' }] };
  }
}

function quiet(server: ServerHealth): ServerStep {
  return { server, effects: [] };
}
