import { setTimeout as sleep } from 'node:timers/promises';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { asFleetError } from '../batch-intake.ts';
import { newComparison, type Comparison } from './reconcile.ts';
import type { RepairPeer } from './repair-peer.ts';
import type { ServerProgress } from './repair-report.ts';
import type { RunStatus } from './repair-messages.ts';

/** How often the peer is asked how far it is: soon at first, because most runs are short. */
const FIRST_POLL_MS = 50;
const LAST_POLL_MS = 1000;
/** A peer that pulls longer goes on by itself, and the report says so. */
const PUSH_LIMIT_MS = 10 * 60_000;
/** Comparisons in one run. What two rounds of bringing did not make alike is written to meanwhile, or is not taken. */
const ROUNDS = 3;

export interface VerifyServerDeps {
  readonly peer: Pick<RepairPeer, 'name' | 'probe' | 'requestRun' | 'runStatus'>;
  /** Compares and pulls, when it is this server's turn. */
  readonly reconcile: (progress: Comparison, signal: AbortSignal) => Promise<void>;
}

/**
 * One server of a run: pull what it has, then let it pull what we have. The second half is a run of the peer's own: it
 * knows best where to put the bytes and which of its paths are being written, and nobody pushes unasked. Then both are
 * compared again: a count of what was brought does not tell that nothing is left. Never rejects.
 */
export async function verifyServer(
  { peer, reconcile }: VerifyServerDeps,
  progress: ServerProgress,
  signal: AbortSignal,
): Promise<void> {
  progress.state = 'running';
  try {
    await peer.probe(signal);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = progress.comparison;
      progress.comparison = { ...newComparison(), pulled: before.pulled, bytes: before.bytes };
      await reconcile(progress.comparison, signal);
      const { pulled, olderCount, lacking, failed } = progress.comparison;
      progress.isSettled = lacking === 0 && pulled === before.pulled && olderCount === 0;
      if (progress.isSettled || round === ROUNDS - 1) break;
      if (lacking > 0) await letPull(peer, progress, signal);
      // It would fail again, and differs either way.
      if (failed.count + progress.pushed.failed.length > 0) break;
    }
  } catch (error) {
    const { code, message } = asFleetError(error);
    progress.cause = { code, message };
  }
  progress.state = 'done';
}

async function letPull(peer: VerifyServerDeps['peer'], progress: ServerProgress, signal: AbortSignal): Promise<void> {
  const before = progress.pushed;
  const run = await peer.requestRun(signal);
  let waitedMs = 0;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(LAST_POLL_MS, pollMs * 2)) {
    await sleep(pollMs, undefined, { signal });
    waitedMs += pollMs;
    const status = await peer.runStatus(run, signal);
    progress.pushed = {
      pulled: before.pulled + status.pulled,
      bytes: before.bytes + status.bytes,
      failed: failuresOf(status, peer.name),
    };
    if (status.state === 'done') return;
    if (status.state === 'unknown') {
      throw new FleetError('PEER_UNREACHABLE', `${peer.name} was started again while it pulled`);
    }
    if (waitedMs > PUSH_LIMIT_MS) throw new FleetError('PEER_TIMEOUT', `${peer.name} is still pulling what it lacks`);
  }
}

/** In our words: what fails at the peer is the peer's. */
function failuresOf({ failed }: RunStatus, name: string) {
  return failed.map(({ path, code, message }) => ({
    path,
    code: isErrorCode(code) ? code : ('PEER_FAILED' as const),
    message: `${name}: ${message}`,
  }));
}
