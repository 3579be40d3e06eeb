import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { VerifiedServer, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { concernsPeer } from '../admission.ts';
import type { RepairFailure } from './failure-list.ts';
import { newComparison, type Comparison } from './reconcile.ts';
import type { CopyCheck } from './restore-copies.ts';

/** Failures that a report lists; the others are only counted. */
const LISTED_FAILURES = 100;

/** How far a run has come with one server. */
export interface ServerProgress {
  readonly server: string;
  state: 'waiting' | 'running' | 'done';
  comparison: Comparison;
  /** The last comparison found nothing that somebody had still to bring. */
  isSettled: boolean;
  /** What the server pulled when it was asked to. */
  pushed: { readonly pulled: number; readonly bytes: number; readonly failed: readonly RepairFailure[] };
  /** Why it was not brought to its end. */
  cause: DeliveryCause | null;
}

/** One run: every server in turn, then the own files. Grows while it runs; `reportOf` tells how far it is. */
export interface RunProgress {
  readonly id: string;
  readonly reason: VerifyReport['reason'];
  readonly server: string;
  state: VerifyReport['state'];
  startedAt: number | null;
  finishedAt: number | null;
  servers: readonly ServerProgress[];
  copies: CopyCheck | null;
}

export function newServerProgress(server: string): ServerProgress {
  return {
    ...{ server, state: 'waiting', comparison: newComparison(), isSettled: false },
    pushed: { pulled: 0, bytes: 0, failed: [] },
    cause: null,
  };
}

export function reportOf(run: RunProgress): VerifyReport {
  const { id, reason, server, state, startedAt, finishedAt, copies } = run;
  const servers = run.servers.map(serverReport);
  const isWhole = copies === null || (copies.missing === copies.restored && copies.failed.count === 0);
  const isFine = servers.every((one) => one.state === 'equal' || one.state === 'healed' || one.state === 'onTheWay');
  return {
    ...{ id, reason, server, state, startedAt, finishedAt, servers },
    records: Math.max(0, ...run.servers.map(({ comparison }) => comparison.records)),
    copies: copies === null ? null : { ...copies, failed: copies.failed.listed, failedCount: copies.failed.count },
    isEqual: state === 'done' && isWhole && isFine,
  };
}

function serverReport(progress: ServerProgress): VerifiedServer {
  const { server, comparison, pushed, cause } = progress;
  return {
    ...{ server, state: stateOf(progress), cause },
    ...{ pulled: comparison.pulled, pulledBytes: comparison.bytes, onTheWay: comparison.onTheWay },
    ...{ pushed: pushed.pulled, pushedBytes: pushed.bytes },
    failed: [...comparison.failed.listed, ...pushed.failed].slice(0, LISTED_FAILURES),
    failedCount: comparison.failed.count + pushed.failed.length,
  };
}

/** A cause is told by whoever could not go on; failures are single images. */
export function stateOf({ state, cause, comparison, isSettled, pushed }: ServerProgress): VerifiedServer['state'] {
  if (state !== 'done') return state;
  // A failure of our own, such as a full disk, leaves a difference; the peer has answered.
  if (cause !== null) return concernsPeer(cause.code) ? 'silent' : 'differs';
  if (comparison.failed.count + pushed.failed.length > 0) return 'differs';
  if (!isSettled) return 'differs';
  if (comparison.pulled + pushed.pulled > 0) return 'healed';
  if (comparison.isEqual) return 'equal';
  return comparison.onTheWay > 0 ? 'onTheWay' : 'healed';
}
