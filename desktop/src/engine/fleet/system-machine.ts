import { networkInterfaces } from 'node:os';
import { withoutSlash } from '@imagefleet/shared/common/address/without-slash.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { DEFAULT_STATUSES } from '@imagefleet/shared/common/health/http-check.ts';
import { trimServer } from '@imagefleet/shared/node/fleet-client.ts';
import { ownHosts } from '@imagefleet/shared/node/own-machine.ts';
import type { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import { addressOf } from '#engine/target/preferred-order.ts';
import type { ProbeMachine } from './own-probes.ts';

const PROBE_MS = 1500;
const LIVE = '/health/live';

/** Probes as the monitor makes them, from this machine. */
export function systemMachine(prober: Prober): ProbeMachine {
  return {
    connect: (address) => prober.probe({ ...address, name: 'own', timeoutMs: PROBE_MS }),
    ownHosts,
    hasAddress: () =>
      Object.values(networkInterfaces()).some((list) => list?.some(({ internal }) => !internal) === true),
  };
}

/** Answers that are not as they should be, and come from somebody who is there. */
const THERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['PROBE_STATUS', 'PROBE_CERTIFICATE', 'PROBE_ANSWER_INVALID']);

/** Whether anybody answers HTTP at this address; never rejects. It needs no key, and takes a second or two at most. */
export function livenessOf(prober: Prober): (server: string) => Promise<boolean> {
  return async (server) => {
    const address = addressOf(server);
    const url = URL.parse(trimServer(server));
    if (address === undefined || url === null) return false;
    const http = {
      path: withoutSlash(url.pathname) + LIVE,
      isTls: url.protocol === 'https:',
      statuses: DEFAULT_STATUSES,
    };
    const seen = await prober.probe({ ...address, name: server, timeoutMs: PROBE_MS, http });
    return seen.kind === 'success' || (seen.kind === 'failure' && THERE.has(seen.cause.code));
  };
}
