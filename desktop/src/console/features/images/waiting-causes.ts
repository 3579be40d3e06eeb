import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';

interface WaitingCause {
  readonly code: ErrorCode;
  readonly servers: readonly string[];
}

/** Why copies are missing, each cause once with the servers that it keeps from theirs. */
export function waitingCauses(replicas: readonly Replica[]): readonly WaitingCause[] {
  const causes = new Map<ErrorCode, string[]>();
  for (const { server, code } of replicas) {
    if (code === undefined) continue;
    const servers = causes.get(code) ?? [];
    servers.push(server);
    causes.set(code, servers);
  }
  return [...causes].map(([code, servers]) => ({ code, servers }));
}
