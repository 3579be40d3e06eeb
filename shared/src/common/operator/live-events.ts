import { z } from 'zod';

/** What the event stream tells (docs/api.md, Events). */
export const EVENT_KINDS = ['server', 'delivery', 'image', 'progress', 'incident'] as const;

export interface LiveEvent {
  readonly kind: (typeof EVENT_KINDS)[number];
  readonly data: Readonly<Record<string, unknown>>;
}

/** `lost`: nothing comes, it is tried again by itself. */
export type LiveState = 'connecting' | 'live' | 'lost';

export interface LiveListener {
  readonly onEvent: (event: LiveEvent) => void;
  /** `live` also when another agent tells from now on: what happened in between was perhaps heard by nobody. */
  readonly onState: (state: LiveState) => void;
}

/** Data of any event. */
export const eventData = z.record(z.string(), z.unknown());

/** Data of `ping`, which tells nothing but that the stream is alive: another one comes within this time. */
export const pingData = z.object({ everyMs: z.number().positive() });
