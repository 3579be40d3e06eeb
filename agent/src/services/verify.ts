import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Repair } from '#replication/repair/repair.ts';

export interface VerifyDeps {
  readonly repair: Pick<Repair, 'start' | 'last' | 'reportOf'>;
}

/** Runs that people ask for: with every peer, and with a look at the own files. */
export function verifyHandlers({ repair }: VerifyDeps): Pick<OperatorHandlers, 'startVerify' | 'readVerify'> {
  return {
    startVerify: async ({ waitSeconds }) => {
      const run = repair.start({ reason: 'command', withCopies: true });
      if (waitSeconds > 0) {
        const over = new AbortController();
        const late = sleep(waitSeconds * 1000, undefined, { signal: over.signal }).catch(() => undefined);
        await Promise.race([run.ended, late]);
        over.abort();
      }
      return run.report();
    },
    readVerify: async ({ id }) => Promise.resolve({ report: id === undefined ? repair.last() : repair.reportOf(id) }),
  };
}
