import type { HealthTransition } from './fleet-snapshot.ts';
import {
  GATHER_MS,
  holdMs,
  JOIN_MS,
  MAX_NOTICES_PER_HOUR,
  MAX_RECENT,
  NOTICE_WINDOW_MS,
  REOPEN_MS,
} from './incident-rules.ts';
import type { ProbeCause } from './observation.ts';
import type { StoredIncident } from './stored-incident.ts';

export interface OpenIncident {
  readonly incident: StoredIncident;
  readonly joinUntilMs: number;
  /** When its opening is to be told; null once that is done. */
  readonly noticeDueMs: number | null;
  /** Since when nothing of it is missing; null while something is. */
  readonly backSinceMs: number | null;
}

/** All instants are of the monotonic clock, but for those within a `StoredIncident`. */
export interface IncidentsState {
  readonly open: readonly OpenIncident[];
  /** Those that ended a while ago, the newest last. */
  readonly recent: readonly { readonly incident: StoredIncident; readonly closedMs: number }[];
  /** When openings were told in the last hour. */
  readonly noticesMs: readonly number[];
  /** `restored`: the monitor before was cut off, and nobody has answered since. */
  readonly isolation: 'none' | 'cut' | 'restored';
}

export const NO_INCIDENTS: IncidentsState = { open: [], recent: [], noticesMs: [], isolation: 'none' };

export type IncidentInput =
  /** `isOwn`: of the server on which the monitor runs; it answers whatever the network does. */
  | { readonly kind: 'transition'; readonly transition: HealthTransition; readonly isOwn: boolean }
  /** Whether the monitor's own network is cut. */
  | { readonly kind: 'isolation'; readonly isIsolated: boolean }
  /** Time went on: `nextDueMs` says when that matters. */
  | { readonly kind: 'tick' }
  /** After a start: what the monitor before left, and who is watched now. */
  | { readonly kind: 'restored'; readonly incidents: readonly StoredIncident[]; readonly watched: ReadonlySet<string> };

/** The moment of an input: on both clocks, and the id that an incident gets which opens in it. */
export interface IncidentMoment {
  readonly nowMs: number;
  readonly at: number;
  readonly newId: string;
}

export type IncidentEffect =
  /** To be written down. */
  | { readonly kind: 'keep'; readonly incident: StoredIncident }
  /** To be told to people. It is written down first, and never told again. */
  | { readonly kind: 'notice'; readonly what: 'incident' | 'recovery'; readonly incident: StoredIncident };

export interface IncidentsStep {
  readonly state: IncidentsState;
  readonly effects: readonly IncidentEffect[];
}

const OWN_NETWORK: ProbeCause = { code: 'MONITOR_ISOLATED', message: 'everything fell silent at once' };

/** Groups what fails at the same time from one cause: the rules are in incident-rules.ts. */
export function stepIncidents(before: IncidentsState, input: IncidentInput, moment: IncidentMoment): IncidentsStep {
  const recent = before.recent.filter(({ closedMs }) => moment.nowMs - closedMs < REOPEN_MS);
  const state = { ...before, recent: recent.slice(-MAX_RECENT) };
  switch (input.kind) {
    case 'transition':
      return settle(afterTransition(answered(state, input), input.transition, moment), state, moment);
    case 'isolation':
      return settle(afterIsolation(state, input.isIsolated, moment), state, moment);
    case 'restored':
      return settle(restored(input, moment), state, moment);
    case 'tick':
      return settle(state, state, moment);
  }
}

/** When the next `tick` is due; null while nothing waits for time. */
export function nextDueMs({ open }: IncidentsState): number | null {
  const dues = open.flatMap(({ incident, noticeDueMs, backSinceMs }) => [
    ...(noticeDueMs === null ? [] : [noticeDueMs]),
    ...(backSinceMs === null ? [] : [backSinceMs + holdMs(incident.reopened)]),
  ]);
  return dues.length === 0 ? null : Math.min(...dues);
}

function afterTransition(state: IncidentsState, transition: HealthTransition, moment: IncidentMoment): IncidentsState {
  const { server, to } = transition;
  switch (to) {
    case 'down':
      return failed(state, transition, moment);
    case 'up':
      return missingLess(state, server);
    case 'maintenance':
      // Somebody has taken it in hand.
      return missingLess(state, server);
    case 'warming':
      return state;
    case 'unknown':
      return state.isolation === 'cut' ? namedByIsolation(state, server) : state;
  }
}

/** A server that answers proves that a network which was cut before the start is whole. */
function answered(
  state: IncidentsState,
  { transition, isOwn }: Extract<IncidentInput, { kind: 'transition' }>,
): IncidentsState {
  const isAnswer = !isOwn && (transition.to === 'up' || transition.to === 'warming');
  return state.isolation === 'restored' && isAnswer ? { ...state, isolation: 'none' } : state;
}

function failed(state: IncidentsState, transition: HealthTransition, moment: IncidentMoment): IncidentsState {
  const { server, cause, isConfirmed } = transition;
  const add = (incident: StoredIncident): StoredIncident => ({
    ...incident,
    servers: incident.servers.includes(server) ? incident.servers : [...incident.servers, server],
    missing: incident.missing.includes(server) ? incident.missing : [...incident.missing, server],
    isConfirmed: incident.isConfirmed || isConfirmed,
  });
  const own = state.open.find(({ incident }) => !isOwnNetwork(incident) && incident.servers.includes(server));
  if (own !== undefined) return replaceOpen(state, own, { ...own, incident: add(own.incident) });
  const before = state.recent.findLast(({ incident }) => !isOwnNetwork(incident) && incident.servers.includes(server));
  if (before !== undefined) return reopen(state, add({ ...before.incident, isConfirmed }), moment);
  const joined = state.open.find((open) => isJoinable(open, cause, moment.nowMs));
  if (joined !== undefined) return replaceOpen(state, joined, { ...joined, incident: add(joined.incident) });
  return opened(state, { cause, servers: [server], missing: [server], isConfirmed }, moment);
}

/** Of the same cause and not long ago; or of any cause while its notice has to wait for others of this hour. */
function isJoinable(
  { incident, joinUntilMs, noticeDueMs }: OpenIncident,
  cause: ProbeCause | null,
  nowMs: number,
): boolean {
  if (isOwnNetwork(incident)) return false;
  if (noticeDueMs !== null && nowMs > joinUntilMs) return true;
  return nowMs <= joinUntilMs && kindOf(incident.cause) === kindOf(cause);
}

/** One cut is silence to some probes and "no way there" to others, as the machines on the way see it. */
function kindOf(cause: ProbeCause | null): string | undefined {
  return cause?.code === 'PROBE_UNREACHABLE' ? 'PROBE_TIMEOUT' : cause?.code;
}

type NewIncident = Pick<StoredIncident, 'cause' | 'servers' | 'missing' | 'isConfirmed'>;

function opened(state: IncidentsState, facts: NewIncident, { nowMs, at, newId }: IncidentMoment): IncidentsState {
  const incident = { ...facts, id: newId, openedAt: at, closedAt: null, reopened: 0, isAnnounced: false };
  return { ...state, open: [...state.open, freshlyOpen(incident, nowMs)] };
}

function reopen(state: IncidentsState, incident: StoredIncident, { nowMs }: IncidentMoment): IncidentsState {
  const again = { ...incident, closedAt: null, reopened: incident.reopened + 1, isAnnounced: false };
  return {
    ...state,
    open: [...state.open, freshlyOpen(again, nowMs)],
    recent: state.recent.filter((one) => one.incident.id !== incident.id),
  };
}

function freshlyOpen(incident: StoredIncident, nowMs: number): OpenIncident {
  return { incident, joinUntilMs: nowMs + JOIN_MS, noticeDueMs: nowMs + GATHER_MS, backSinceMs: null };
}

function missingLess(state: IncidentsState, server: string): IncidentsState {
  const open = state.open.map((one) =>
    one.incident.missing.includes(server)
      ? { ...one, incident: { ...one.incident, missing: one.incident.missing.filter((name) => name !== server) } }
      : one,
  );
  return { ...state, open };
}

function afterIsolation(state: IncidentsState, isIsolated: boolean, moment: IncidentMoment): IncidentsState {
  if (!isIsolated) return { ...state, isolation: 'none' };
  const isolated: IncidentsState = { ...state, isolation: 'cut' };
  if (state.open.some(({ incident }) => isOwnNetwork(incident))) return isolated;
  const before = state.recent.findLast(({ incident }) => isOwnNetwork(incident));
  if (before !== undefined) return reopen(isolated, before.incident, moment);
  return opened(isolated, { cause: OWN_NETWORK, servers: [], missing: [], isConfirmed: true }, moment);
}

function namedByIsolation(state: IncidentsState, server: string): IncidentsState {
  const own = state.open.find(({ incident }) => isOwnNetwork(incident));
  if (own === undefined || own.incident.servers.includes(server)) return state;
  const incident = { ...own.incident, servers: [...own.incident.servers, server] };
  return replaceOpen(state, own, { ...own, incident });
}

/**
 * What is open goes on without another notice; what was not told yet is told now. A server that is not watched any more is
 * missed by nobody. An own network that was cut counts as cut until somebody answers.
 */
function restored(
  { incidents, watched }: Extract<IncidentInput, { kind: 'restored' }>,
  { nowMs, at }: IncidentMoment,
): IncidentsState {
  const open = incidents
    .filter(({ closedAt }) => closedAt === null)
    .map((incident) => ({
      incident: { ...incident, missing: incident.missing.filter((server) => watched.has(server)) },
      joinUntilMs: nowMs,
      noticeDueMs: incident.isAnnounced ? null : nowMs,
      backSinceMs: null,
    }));
  const recent = incidents.flatMap((incident) =>
    incident.closedAt === null ? [] : [{ incident, closedMs: nowMs - Math.max(0, at - incident.closedAt) }],
  );
  const noticesMs = incidents
    .filter(({ isAnnounced }) => isAnnounced)
    .map(({ openedAt }) => nowMs - Math.max(0, at - openedAt))
    .sort((a, b) => a - b);
  const isolation = open.some(({ incident }) => isOwnNetwork(incident)) ? 'restored' : 'none';
  return { open, recent, noticesMs, isolation };
}

/** Tells what is due, ends what is over, and keeps whatever differs from before. */
function settle(state: IncidentsState, before: IncidentsState, moment: IncidentMoment): IncidentsStep {
  const { nowMs, at } = moment;
  const effects: IncidentEffect[] = [];
  const open: OpenIncident[] = [];
  const recent = [...state.recent];
  const noticesMs = state.noticesMs.filter((toldMs) => nowMs - toldMs < NOTICE_WINDOW_MS);
  const known = new Map(before.open.map((one) => [one.incident.id, one.incident]));
  for (const one of state.open) {
    const next = told(withBack(one, state.isolation !== 'none', nowMs), noticesMs, nowMs);
    const { incident, backSinceMs } = next;
    const isNewlyTold = incident.isAnnounced && !one.incident.isAnnounced;
    if (isNewlyTold) noticesMs.push(nowMs);
    const isOver = backSinceMs !== null && nowMs - backSinceMs >= holdMs(incident.reopened);
    const kept = isOver ? { ...incident, closedAt: at } : incident;
    if (kept !== known.get(kept.id)) effects.push({ kind: 'keep', incident: kept });
    if (isNewlyTold) effects.push({ kind: 'notice', what: 'incident', incident });
    if (isOver && incident.isAnnounced) effects.push({ kind: 'notice', what: 'recovery', incident: kept });
    if (isOver) recent.push({ incident: kept, closedMs: nowMs });
    else open.push(next);
  }
  return { state: { ...state, open, recent, noticesMs }, effects };
}

function withBack(open: OpenIncident, isIsolated: boolean, nowMs: number): OpenIncident {
  const isBack = isOwnNetwork(open.incident) ? !isIsolated : open.incident.missing.length === 0;
  if (!isBack) return open.backSinceMs === null ? open : { ...open, backSinceMs: null };
  return open.backSinceMs === null ? { ...open, backSinceMs: nowMs } : open;
}

/** Told when its time has come, unless too many were told within the hour: then it waits for the oldest of those to age. */
function told(open: OpenIncident, noticesMs: readonly number[], nowMs: number): OpenIncident {
  const { incident, noticeDueMs } = open;
  if (noticeDueMs === null || nowMs < noticeDueMs) return open;
  const [oldest] = noticesMs;
  if (noticesMs.length >= MAX_NOTICES_PER_HOUR && oldest !== undefined) {
    return { ...open, noticeDueMs: oldest + NOTICE_WINDOW_MS };
  }
  return { ...open, incident: { ...incident, isAnnounced: true }, noticeDueMs: null };
}

function replaceOpen(state: IncidentsState, old: OpenIncident, by: OpenIncident): IncidentsState {
  return { ...state, open: state.open.map((one) => (one === old ? by : one)) };
}

function isOwnNetwork({ cause }: StoredIncident): boolean {
  return cause?.code === OWN_NETWORK.code;
}
