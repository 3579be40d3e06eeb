import { z } from 'zod';
import type { LiveEvent, LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import type { DesktopAnswer } from './desktop-bridge.ts';
import { type fleetReport } from './fleet-schemas.ts';

const MAX_NAME = 100;

/** Where the fleet is and what lets in; `key` is null while there is none. */
const access = z.object({ servers: z.array(z.string()), key: z.string().nullable() });
export type EngineAccess = Readonly<z.output<typeof access>>;

/**
 * What the main process tells the engine's process. `open` comes first. `use`: other servers or another key from now on; the
 * engine is closed and opened anew for it, calls wait meanwhile. After `close` the process ends.
 */
export const toEngine = z.discriminatedUnion('kind', [
  access.extend({ kind: z.literal('open'), dataDir: z.string().min(1), version: z.string() }),
  access.extend({ kind: z.literal('use') }),
  z.object({
    kind: z.literal('call'),
    id: z.int().nonnegative(),
    api: z.enum(['operator', 'engine']),
    method: z.string().max(MAX_NAME),
    input: z.unknown(),
  }),
  z.object({ kind: z.literal('close') }),
]);
export type ToEngine = Readonly<z.output<typeof toEngine>>;

/** Why something failed, as it crosses a border between processes. */
export type BridgeError = Extract<DesktopAnswer, { isOk: false }>['error'];

/** What is and was the matter with the fleet (FleetIncident), as `readFleet` lists it. */
export type ToldIncident = z.output<typeof fleetReport>['incidents'][number];

/** What the engine's process tells the main process. */
export type FromEngine =
  /** It takes calls; also after a `use`. `setAside`: damaged files of the engine that lie elsewhere now. */
  | { readonly kind: 'opened'; readonly setAside: readonly string[] }
  /** It does not, and every call is answered with this until a `use` opens it. */
  | { readonly kind: 'openFailed'; readonly error: BridgeError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: DesktopAnswer }
  | { readonly kind: 'liveState'; readonly state: LiveState }
  | { readonly kind: 'liveEvent'; readonly event: LiveEvent }
  /** At most ten times a second. */
  | { readonly kind: 'queueChanged' }
  | { readonly kind: 'incident'; readonly what: 'opened' | 'over'; readonly incident: ToldIncident };
