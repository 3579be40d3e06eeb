import type { OperatorHandlers, OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { MonitorView } from '#monitor/monitor-view.ts';
import type { Replication } from '#replication/replication.ts';
import type { Repair } from '#replication/repair/repair.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { deliveryQueries } from './delivery-queries.ts';
import { imageQueries, type ImageQueryDeps } from './image-queries.ts';
import { monitorQueries } from './monitor-queries.ts';
import { proofHandlers } from './proof.ts';
import { replayHandlers } from './replay-deliveries.ts';
import type { ReplayProgress } from './replay-progress.ts';
import type { ReplicaView } from './replica-view.ts';
import { serverQueries } from './server-queries.ts';
import { verifyHandlers } from './verify.ts';

export interface OperatorHandlersDeps {
  readonly catalog: Catalog;
  readonly store: ImageStore;
  readonly replication: Replication;
  readonly repair: Pick<Repair, 'start' | 'last' | 'reportOf' | 'ownRoot' | 'peerRoots' | 'view'>;
  readonly replays: Pick<ReplayProgress, 'replay'>;
  readonly view: ReplicaView;
  readonly monitor: MonitorView;
  /** How far this server is when it fills itself again. */
  readonly reseed?: () => Promise<ServerEntry['reseed']>;
  readonly logger: Logger;
  readonly now: () => number;
  readonly timeZone: string | undefined;
  /** What this server takes. */
  readonly limits: ImageQueryDeps['limits'];
  /** Name of this server. */
  readonly name: string;
  /** `replication.autoRetry` of this server. */
  readonly autoRetry: boolean;
  /** Where this server is reached. */
  readonly url: string;
  /** How long a question to the whole fleet waits for its slowest server. */
  readonly fleetDeadlineMs?: number;
  readonly readFailureLog: (day: string | undefined) => Promise<OperatorOutput<'readFailureLog'>>;
}

const FLEET_DEADLINE_MS = 2_000;
/** A replay probes peers before it answers. */
const FLEET_REPLAY_FACTOR = 5;

/** Every call of the OperatorApi table, for HTTP and for peers that ask on behalf of the fleet's scope. */
export function createOperatorHandlers(deps: OperatorHandlersDeps): OperatorHandlers {
  const { replication, logger } = deps;
  const deadlineMs = deps.fleetDeadlineMs ?? FLEET_DEADLINE_MS;
  const fleet = { replication, logger, deadlineMs };
  const patientFleet = { ...fleet, deadlineMs: deadlineMs * FLEET_REPLAY_FACTOR };
  return {
    ...imageQueries(deps),
    ...serverQueries({ ...deps, fleet }),
    ...monitorQueries({ ...deps, fleet }),
    ...deliveryQueries({ ...deps, fleet }),
    ...replayHandlers({ ...deps, fleet: patientFleet }),
    ...verifyHandlers(deps),
    ...proofHandlers(deps),
    readFailureLog: ({ day }) => deps.readFailureLog(day),
  };
}
