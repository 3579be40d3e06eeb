import type { VerifiedServer, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';

export function aVerifiedServer(more: Partial<VerifiedServer> = {}): VerifiedServer {
  return {
    ...{ server: 's2', state: 'equal', pulled: 0, pulledBytes: 0, pushed: 0, pushedBytes: 0, onTheWay: 0 },
    ...{ failed: [], failedCount: 0, cause: null },
    ...more,
  };
}

export function aVerifyReport(more: Partial<VerifyReport> = {}): VerifyReport {
  return {
    ...{ id: 'run-1', reason: 'command', state: 'done', startedAt: 1000, finishedAt: 1500, server: 's1' },
    ...{ records: 1200, servers: [aVerifiedServer()], isEqual: true },
    copies: { checked: 1200, missing: 0, restored: 0, failed: [], failedCount: 0 },
    ...more,
  };
}
