import type { HealthTransition, ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { IncidentNotice } from '../incident-book.ts';
import { noticeText, transitionText, type BilingualText } from './hook-texts.ts';

/** What a hook can be asked for: a server came to a state, or people are to be told of an incident or of its end. */
export type HookEventKind = ServerState | 'incident' | 'recovery';

/** Addresses in one environment variable; of larger fleets a program reads the status file. */
const MAX_ONLINE = 200;

/** What the monitor knows at the moment of a transition beside the transition itself. */
export interface HookContext {
  readonly host: string;
  readonly port: number;
  /** Of the snapshot that holds the transition. */
  readonly generation: number;
  /** `host:port` of every server that is online, in the snapshot's order. */
  readonly online: readonly string[];
}

/** As a hook gets it, on standard input or as a body. Instants are ISO 8601. */
export interface HookEvent {
  readonly event: HookEventKind;
  /** Of an incident: null, and its servers are in `incident`. */
  readonly server: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly from: ServerState | null;
  readonly to: ServerState | null;
  readonly at: string;
  readonly cause: ProbeCause | null;
  readonly confirmed: boolean;
  readonly generation: number | null;
  /** Null of an incident, and when the fleet is too large to list. */
  readonly online: readonly string[] | null;
  /** Transitions in between that this hook did not get, because it was too slow for all of them. */
  readonly coalesced: number;
  readonly incident: Incident | null;
  readonly text: BilingualText;
}

export function transitionEvent(transition: HealthTransition, context: HookContext): HookEvent {
  const { server, from, to, at, cause, isConfirmed } = transition;
  const { host, port, generation, online } = context;
  return {
    ...{ event: to, server, host, port, from, to, at: new Date(at).toISOString(), cause, confirmed: isConfirmed },
    ...{ generation, online: online.length > MAX_ONLINE ? null : online, coalesced: 0, incident: null },
    text: transitionText(transition),
  };
}

export function noticeEvent({ what, incident }: IncidentNotice): HookEvent {
  const { openedAt, closedAt, cause, isConfirmed } = incident;
  return {
    ...{ event: what, server: null, host: null, port: null, from: null, to: null, generation: null, online: null },
    ...{ at: new Date(closedAt ?? openedAt).toISOString(), cause, confirmed: isConfirmed, coalesced: 0, incident },
    text: noticeText(what, incident),
  };
}

/**
 * The rule by which two events of one server become one when a hook is too slow for both: it learns from which state to
 * which one the server came, and how many states in between it was spared.
 */
export function coalesce(older: HookEvent, newer: HookEvent): HookEvent {
  return { ...newer, from: older.from, coalesced: older.coalesced + newer.coalesced + 1 };
}

/** The event for a program that reads no JSON. Everything is a text, and what there is not is empty. */
export function environmentOf(event: HookEvent): Readonly<Record<string, string>> {
  const text = (value: string | number | null): string => (value === null ? '' : String(value));
  return {
    IMAGEFLEET_EVENT: event.event,
    IMAGEFLEET_SERVER: event.server ?? event.incident?.servers.slice(0, MAX_ONLINE).join(',') ?? '',
    IMAGEFLEET_HOST: text(event.host),
    IMAGEFLEET_PORT: text(event.port),
    IMAGEFLEET_FROM: text(event.from),
    IMAGEFLEET_TO: text(event.to),
    IMAGEFLEET_AT: event.at,
    IMAGEFLEET_CAUSE: event.cause?.code ?? '',
    IMAGEFLEET_CONFIRMED: event.confirmed ? 'true' : 'false',
    IMAGEFLEET_GENERATION: text(event.generation),
    IMAGEFLEET_ONLINE: (event.online ?? []).join(' '),
    IMAGEFLEET_COALESCED: text(event.coalesced),
  };
}
