import type { Observation } from '#common/health/observation.ts';
import type { BareConnect } from './bare-connect.ts';
import type { Deadlines } from './deadlines.ts';
import type { Endpoint } from './dial.ts';
import type { PortRange } from './ephemeral-ports.ts';
import type { OrderlyCloses } from './orderly-closes.ts';
import type { ProbeTarget } from './probe-target.ts';

/** What all probes share. */
export interface ProbeTools {
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
  readonly deadlines: Deadlines;
  readonly ephemeralPorts: PortRange;
  readonly orderlyCloses: OrderlyCloses;
  /** For probes that only connect. */
  readonly connect: BareConnect;
}

/** One try at one address of a target. */
export interface ProbeTry {
  readonly target: ProbeTarget;
  readonly address: string;
  readonly timeoutMs: number;
}

/** Hears the one verdict of a probe. */
export type Settle = (observation: Observation) => void;

export function endpointOf({ ephemeralPorts }: ProbeTools, { target, address }: ProbeTry): Endpoint {
  const { port } = target;
  return { address, port, isEphemeral: port >= ephemeralPorts.from && port <= ephemeralPorts.to };
}
