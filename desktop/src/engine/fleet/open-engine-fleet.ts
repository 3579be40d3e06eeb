import { randomUUID } from 'node:crypto';
import { createFleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import type { TargetChoice } from '#engine/queue/upload-ports.ts';
import { EngineFleet } from './engine-fleet.ts';
import { httpEventStreams } from './event-stream.ts';
import { SYSTEM_CLOCK } from './fleet-clock.ts';
import type { FleetAccess } from './fleet-members.ts';
import { livenessOf, systemMachine } from './system-machine.ts';

export interface OpenEngineFleetOptions extends FleetAccess {
  /** Chosen once for this machine: it decides which server is preferred. */
  readonly machineKey: string;
  readonly target: Pick<TargetChoice, 'heard'>;
}

/** The fleet over HTTP from this machine; not started yet. */
export function openEngineFleet(options: OpenEngineFleetOptions): EngineFleet {
  const prober = new Prober();
  return new EngineFleet({
    ...options,
    ...{ clock: SYSTEM_CLOCK, newId: randomUUID, openStream: httpEventStreams },
    connect: (server, key) => createFleetClient({ server, key }),
    machine: systemMachine(prober),
    isAlive: livenessOf(prober),
  });
}
