import type {
  OperatorInput,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { Replication } from '#replication/replication.ts';

export interface FleetScopeDeps {
  readonly replication: Pick<Replication, 'peers' | 'ask'>;
  readonly logger: Logger;
  readonly deadlineMs: number;
}

export interface FleetAnswers<M extends OperatorMethodName> {
  /** By the name of the server that answered; this server is not among them, nor is one that does not know the server in question. */
  readonly answers: ReadonlyMap<string, OperatorOutput<M>>;
  /** Names of those that did not answer in time. */
  readonly silent: string[];
}

/** Asks every peer one question in its own scope, one hop, and waits no longer than the deadline. */
export async function askFleet<M extends OperatorMethodName>(
  deps: FleetScopeDeps,
  method: M,
  inputFor: (server: string) => OperatorInput<M> | undefined,
): Promise<FleetAnswers<M>> {
  const signal = AbortSignal.timeout(deps.deadlineMs);
  const answers = new Map<string, OperatorOutput<M>>();
  const silent: string[] = [];
  await Promise.all(
    deps.replication.peers().map(async ({ name }) => {
      const input = inputFor(name);
      if (input === undefined) return;
      try {
        answers.set(name, await inTime(deps.replication.ask(name, method, input, signal), signal));
      } catch (error) {
        // It has answered: the question is about a server that it does not know.
        if (error instanceof FleetError && error.code === 'SERVER_UNKNOWN') return;
        deps.logger.debug('fleet.silent', { server: name, method, error });
        silent.push(name);
      }
    }),
  );
  return { answers, silent: silent.sort() };
}

/** A peer client that hangs in spite of its signal must not hang the console. */
async function inTime<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = Promise.withResolvers<never>();
  const onLate = (): void => {
    late.reject(signal.reason);
  };
  signal.addEventListener('abort', onLate, { once: true });
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    signal.removeEventListener('abort', onLate);
  }
}
