import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type {
  OperatorCall,
  OperatorClient,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { FleetClock } from './fleet-clock.ts';

/** A call that takes longer is looked after: whether its server is there at all. */
const PATIENCE_MS = 3000;
/** A server that did not answer is asked after the others for so long. */
const DOUBT_MS = 10_000;
/** The server has not answered, or will not any more; every other failure is its answer. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PEER_UNREACHABLE',
  'PEER_TIMEOUT',
  'PEER_ANSWER_INVALID',
  'SHUTTING_DOWN',
]);

export interface FleetCallsOptions {
  /** All servers, the one that is followed first. */
  readonly order: () => readonly string[];
  /** Undefined for a server that is none of ours any more. */
  readonly client: (server: string) => OperatorClient | undefined;
  /** Whether the server answers at all; never rejects. */
  readonly isAlive: (server: string) => Promise<boolean>;
  readonly clock: FleetClock;
}

export interface FleetCall<M extends OperatorMethodName> {
  readonly name: M;
  readonly input: OperatorCall<M>;
  /** Asked before the others; the one that is followed unless given. */
  readonly first?: string | undefined;
  /** Whether another server may be asked when that one does not answer. */
  readonly mayMoveOn: boolean;
}

export interface FleetAnswer<M extends OperatorMethodName> {
  /** Who answered. */
  readonly server: string;
  readonly answer: OperatorOutput<M>;
}

/** Whether this failure tells that nobody answered. */
export function isUnanswered(error: unknown): error is FleetError {
  return error instanceof FleetError && UNANSWERED.has(error.code);
}

/** Asks servers of the fleet one after the other, each at most once, until one answers. */
export class FleetCalls {
  readonly #options: FleetCallsOptions;
  readonly #doubtedUntil = new Map<string, number>();

  constructor(options: FleetCallsOptions) {
    this.#options = options;
  }

  /** Fails with the error of the server that answered, or with that of the last one when none did. */
  async ask<M extends OperatorMethodName>(call: FleetCall<M>): Promise<FleetAnswer<M>> {
    const servers = this.#serversFor(call);
    let last: FleetError | undefined;
    for (const server of servers) {
      try {
        const answer = await this.#askOne(server, call);
        this.#doubtedUntil.delete(server);
        return { server, answer };
      } catch (error) {
        if (!isUnanswered(error)) throw error;
        this.#doubtedUntil.set(server, this.#options.clock.monotonic() + DOUBT_MS);
        last = error;
      }
    }
    throw nobodyAnswered(servers.length, last);
  }

  #serversFor({ first, mayMoveOn }: FleetCall<OperatorMethodName>): readonly string[] {
    const all = this.#options.order();
    const nowMs = this.#options.clock.monotonic();
    for (const server of this.#doubtedUntil.keys()) if (!all.includes(server)) this.#doubtedUntil.delete(server);
    const isDoubted = (server: string): boolean => (this.#doubtedUntil.get(server) ?? 0) > nowMs;
    const trusted = mayMoveOn ? [...all].sort((a, b) => Number(isDoubted(a)) - Number(isDoubted(b))) : all;
    const servers = first === undefined ? trusted : [first, ...trusted.filter((server) => server !== first)];
    return mayMoveOn ? servers : servers.slice(0, 1);
  }

  /**
   * A process that stands still takes connections all the same, and a call that waits for it would wait for its whole time.
   * The answer of one that was given up is not read; nothing is asked twice that could do harm (call-rules.ts).
   */
  async #askOne<M extends OperatorMethodName>(
    server: string,
    { name, input }: FleetCall<M>,
  ): Promise<OperatorOutput<M>> {
    const client = this.#options.client(server);
    if (client === undefined) throw new FleetError('PEER_UNREACHABLE', `${server} is no server of this fleet any more`);
    const gone = Promise.withResolvers<never>();
    let cancel = (): void => undefined;
    let isOver = false;
    const lookAfter = (): void => {
      cancel = this.#options.clock.setTimer(() => {
        void this.#options.isAlive(server).then((isAlive) => {
          if (isOver) return;
          if (isAlive) lookAfter();
          else gone.reject(new FleetError('PEER_TIMEOUT', `${server} does not answer any more`));
        });
      }, PATIENCE_MS);
    };
    lookAfter();
    try {
      return await Promise.race([client[name](input), gone.promise]);
    } finally {
      isOver = true;
      cancel();
    }
  }
}

function nobodyAnswered(asked: number, last: FleetError | undefined): FleetError {
  if (last === undefined) return new FleetError('PEER_UNREACHABLE', 'no server is configured');
  if (asked === 1) return last;
  return new FleetError(last.code, `none of ${String(asked)} servers answered; the last one: ${last.message}`, {
    cause: last,
  });
}
