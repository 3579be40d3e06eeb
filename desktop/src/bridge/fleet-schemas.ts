import { z } from 'zod';
import { SERVER_STATES } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import { errorCode, serverEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';

const LIVE_STATES = ['connecting', 'live', 'lost'] as const satisfies readonly LiveState[];
const { disk, backlog, lagSeconds } = serverEntry.shape;
const instant = z.number();

/** The fleet as the engine knows it (FleetView), and what is and was the matter with it (FleetIncident). */
export const fleetReport = z.object({
  servers: z.array(
    z.object({
      server: z.string(),
      name: z.string().nullable(),
      state: z.enum(SERVER_STATES),
      since: instant.nullable(),
      ...{ disk, backlog, lagSeconds },
      code: errorCode.nullable(),
    }),
  ),
  heardFrom: z.string().nullable(),
  heardAt: instant.nullable(),
  silent: z.array(z.string()),
  live: z.enum(LIVE_STATES),
  followed: z.string().nullable(),
  problem: z.object({ code: errorCode, message: z.string() }).nullable(),
  incidents: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['servers', 'ownNetwork']),
      servers: z.array(z.string()),
      code: errorCode.nullable(),
      openedAt: instant,
      since: instant,
      backAt: instant.nullable(),
      until: instant.nullable(),
      lastedMs: z.number().nullable(),
      reopened: z.int().nonnegative(),
    }),
  ),
});
