import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** One configured server. What nobody knows is null. */
export interface FleetServerView {
  /** As it is configured, without user and password. */
  readonly server: string;
  /** As agents call it. */
  readonly name: string | null;
  readonly state: ServerState;
  /** When it came into this state, epoch milliseconds of the agent that told. */
  readonly since: number | null;
  readonly disk: ServerEntry['disk'];
  readonly backlog: ServerEntry['backlog'];
  readonly lagSeconds: number | null;
  readonly code: ErrorCode | null;
}

/** What keeps agents from telling, as an error says it. */
export interface FleetProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The fleet at one moment. */
export interface FleetView {
  readonly servers: readonly FleetServerView[];
  /** Name of the agent that told, or its address; null while no agent answers: then states are what own probes see. */
  readonly heardFrom: string | null;
  /** When an agent told last, epoch milliseconds; null before the first time. */
  readonly heardAt: number | null;
  /** Names of agents that the one who told did not reach. */
  readonly silent: readonly string[];
  readonly live: LiveState;
  /** Why no agent tells, or no events are heard: a refusal, such as of the key, before silence. Null while all is well. */
  readonly problem: FleetProblem | null;
  /** Address of the server whose events are heard; null while none is. */
  readonly followed: string | null;
}
