import { withoutUserInfo } from '@imagefleet/shared/common/address/without-user-info.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type {
  OperatorCall,
  OperatorClient,
  OperatorMethodName,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { isReading } from './call-rules.ts';
import type { FleetClock } from './fleet-clock.ts';

/** After it a call is looked after: whether its server is there at all, and which of the others are. */
const FIRST_LOOK_MS = 500;
/** The same again and again. */
const LOOK_AGAIN_MS = 3000;
/** A server that did not answer is asked after the others for so long. */
const DOUBT_MS = 10_000;
/**
 * The server has not answered, or has no time or strength to; also what stands before a dead one says PEER_FAILED. Every other
 * failure is an answer.
 */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PEER_UNREACHABLE',
  'PEER_TIMEOUT',
  'PEER_ANSWER_INVALID',
  'SHUTTING_DOWN',
  'PEER_FAILED',
  'PEER_BUSY',
  'RATE_LIMITED',
]);
/** A fault of one server, in the middle of its work: what only reads can be read elsewhere. */
const SICK: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INTERNAL', 'IO_FAILED']);

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
    const left = [...servers];
    let last: FleetError | undefined;
    let looked = Promise.resolve();
    for (let server = left.shift(); server !== undefined; server = left.shift()) {
      // Found out for all at once: one after the other, dead servers would add up.
      const onSlow = (): void => void (looked = this.#lookAt(left));
      try {
        const answer = await this.#askOne(server, call, onSlow);
        this.#doubtedUntil.delete(server);
        return { server, answer };
      } catch (error) {
        if (!isUnanswered(error, call.name)) throw error;
        this.#doubt(server);
        last = error;
      }
      await looked;
      this.#doubtedLast(left);
    }
    throw nobodyAnswered(servers.length, last);
  }

  #serversFor({ first, mayMoveOn }: FleetCall<OperatorMethodName>): readonly string[] {
    const all = this.#options.order();
    for (const server of this.#doubtedUntil.keys()) if (!all.includes(server)) this.#doubtedUntil.delete(server);
    const trusted = mayMoveOn ? this.#doubtedLast([...all]) : all;
    const servers = first === undefined ? trusted : [first, ...trusted.filter((server) => server !== first)];
    return mayMoveOn ? servers : servers.slice(0, 1);
  }

  /** Sorts in place. */
  #doubtedLast(servers: string[]): readonly string[] {
    const nowMs = this.#options.clock.monotonic();
    const isDoubted = (server: string): boolean => (this.#doubtedUntil.get(server) ?? 0) > nowMs;
    return servers.sort((a, b) => Number(isDoubted(a)) - Number(isDoubted(b)));
  }

  #doubt(server: string): void {
    this.#doubtedUntil.set(server, this.#options.clock.monotonic() + DOUBT_MS);
  }

  /** Doubts those that are not there. */
  async #lookAt(servers: readonly string[]): Promise<void> {
    const look = async (server: string): Promise<void> => {
      if (!(await this.#options.isAlive(server))) this.#doubt(server);
    };
    await Promise.all(servers.map(look));
  }

  /**
   * A process that stands still takes connections all the same, and a call that waits for it would wait for its whole time.
   * The answer of one that was given up is not read; nothing is asked twice that could do harm (call-rules.ts).
   */
  async #askOne<M extends OperatorMethodName>(
    server: string,
    { name, input }: FleetCall<M>,
    onSlow: () => void,
  ): Promise<OperatorOutput<M>> {
    const client = this.#options.client(server);
    const shown = withoutUserInfo(server);
    if (client === undefined) throw new FleetError('PEER_UNREACHABLE', `${shown} is no server of this fleet any more`);
    const gone = Promise.withResolvers<never>();
    let cancel = (): void => undefined;
    let isOver = false;
    const lookAfter = (ms: number): void => {
      cancel = this.#options.clock.setTimer(() => {
        if (ms === FIRST_LOOK_MS) onSlow();
        void this.#options.isAlive(server).then((isAlive) => {
          if (isOver) return;
          if (isAlive) lookAfter(LOOK_AGAIN_MS);
          else gone.reject(new FleetError('PEER_TIMEOUT', `${shown} does not answer any more`));
        });
      }, ms);
    };
    lookAfter(FIRST_LOOK_MS);
    try {
      return await Promise.race([client[name](input), gone.promise]);
    } finally {
      isOver = true;
      cancel();
    }
  }
}

function isUnanswered(error: unknown, name: OperatorMethodName): error is FleetError {
  if (!(error instanceof FleetError)) return false;
  return UNANSWERED.has(error.code) || (SICK.has(error.code) && isReading(name));
}

function nobodyAnswered(asked: number, last: FleetError | undefined): FleetError {
  if (last === undefined) return new FleetError('PEER_UNREACHABLE', 'no server is configured');
  if (asked === 1) return last;
  return new FleetError(last.code, `none of ${String(asked)} servers answered; the last one: ${last.message}`, {
    cause: last,
  });
}
