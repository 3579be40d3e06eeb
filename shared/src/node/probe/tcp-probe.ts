import type { Observation } from '#common/health/observation.ts';
import type { Deadlines } from './deadlines.ts';
import { dial } from './dial.ts';
import { judgeConnectError, silence, success } from './probe-outcome.ts';
import { addressOf, type ProbeTarget } from './probe-target.ts';

export interface ProbeTools {
  readonly monotonic: () => number;
  readonly deadlines: Deadlines;
}

/** One try at one address of a target. */
export interface ProbeTry {
  readonly target: ProbeTarget;
  readonly address: string;
  readonly timeoutMs: number;
}

/** Hears the one verdict of a probe. */
export type Settle = (observation: Observation) => void;

/**
 * Connects and disconnects. It proves that the host's kernel takes connections for the port, and nothing of the program
 * behind it: a stopped process still has a listener.
 */
export function probeTcp(tools: ProbeTools, { target, address, timeoutMs }: ProbeTry, settle: Settle): void {
  const beganAtMs = tools.monotonic();
  let isOpen = true;
  const end = (observation: Observation): void => {
    isOpen = false;
    tools.deadlines.remove(deadline);
    settle(observation);
  };
  const socket = dial(
    { address, port: target.port },
    {
      connected: () => {
        socket.destroy();
        if (isOpen) end(success(tools.monotonic() - beganAtMs));
      },
      failed: (errno, isSent) => {
        socket.destroy();
        if (isOpen) end(judgeConnectError(errno, isSent, addressOf(target)));
      },
    },
  );
  const deadline = tools.deadlines.add(timeoutMs, () => {
    socket.destroy();
    end(silence('PROBE_TIMEOUT', `nothing came back from ${addressOf(target)} within ${String(target.timeoutMs)} ms`));
  });
}
