import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import {
  OPERATOR_API,
  type OperatorCall,
  type OperatorClient,
  type OperatorMethodName,
  type OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import { isPlaceShared, mayMoveOn } from './call-rules.ts';
import type { FleetCall, FleetCalls } from './fleet-calls.ts';
import { markPlace, readPlace } from './page-places.ts';

/** Runs of verify whose server is remembered; older ones are asked of whom we follow. */
const MAX_RUNS = 100;

export interface FleetOperatorOptions {
  readonly calls: Pick<FleetCalls, 'ask'>;
  readonly servers: () => readonly string[];
}

/**
 * API v1 of a whole fleet, made from the table: each call goes to the server that is followed, and on to the next one when
 * that does not answer and it does no harm (call-rules.ts). Pages go on at the server that gave the last one. Fails with
 * the FleetErrors of the server that answered; with PEER_UNREACHABLE, PEER_TIMEOUT, PEER_ANSWER_INVALID or SHUTTING_DOWN
 * when none did; and with INPUT_INVALID where it is not known which server is meant.
 */
export function createFleetOperator(options: FleetOperatorOptions): OperatorClient {
  const operator = new FleetOperator(options);
  const names = Object.keys(OPERATOR_API) as OperatorMethodName[];
  const methods = names.map((name) => [name, (input: never) => operator.call(name, input)] as const);
  // One method for each name of the table, which is all that the type says.
  return Object.fromEntries(methods) as unknown as OperatorClient;
}

type Fields = Readonly<Record<string, unknown>>;

class FleetOperator {
  readonly #options: FleetOperatorOptions;
  /** Id of a run -> who runs it. */
  readonly #runs = new Map<string, string>();
  /** Who began the last one. */
  #lastRunner: string | undefined;

  constructor(options: FleetOperatorOptions) {
    this.#options = options;
  }

  async call<M extends OperatorMethodName>(name: M, input: OperatorCall<M>): Promise<OperatorOutput<M>> {
    refuseIdsOfNobody(name, input);
    const { server, answer } = await this.#options.calls.ask(this.#addressed(name, input));
    if (name === 'startVerify') this.#remember((answer as OperatorOutput<'startVerify'>).id, server);
    const { next } = answer as Fields;
    return typeof next === 'string' ? { ...answer, next: markPlace(server, next) } : answer;
  }

  #addressed<M extends OperatorMethodName>(name: M, input: OperatorCall<M>): FleetCall<M> {
    const { cursor, id } = input as Fields;
    if (typeof cursor === 'string') return this.#continued({ name, input, mayMoveOn: true }, cursor);
    const runner = name === 'readVerify' ? this.#runnerOf(id) : undefined;
    // Another server does not know the run, and would say that there is none.
    if (runner !== undefined) return { name, input, first: runner, mayMoveOn: false };
    return { name, input, mayMoveOn: mayMoveOn(name, input) };
  }

  #continued<M extends OperatorMethodName>(call: FleetCall<M>, marked: string): FleetCall<M> {
    const { cursor, server } = readPlace(marked, this.#options.servers());
    const isShared = isPlaceShared(call.name, call.input);
    if (server === undefined && !isShared) {
      throw new FleetError('INPUT_INVALID', 'cursor: its server is none of this fleet any more.', {
        hint: 'Begin at the first page.',
      });
    }
    return { ...call, input: { ...call.input, cursor }, first: server, mayMoveOn: isShared };
  }

  /** Without an id the last run is meant, and everybody has a last one of his own. */
  #runnerOf(id: unknown): string | undefined {
    if (typeof id === 'string') return this.#runs.get(id);
    const last = this.#lastRunner;
    return last !== undefined && this.#options.servers().includes(last) ? last : undefined;
  }

  #remember(id: string, server: string): void {
    this.#lastRunner = server;
    this.#runs.set(id, server);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
  }
}

/** Ids are rows of one server's ledger, and who is followed changes: only with the source do they mean something. */
function refuseIdsOfNobody(name: OperatorMethodName, input: unknown): void {
  const { ids, source } = input as Fields;
  if (name !== 'replayDeliveries' || ids === undefined || source !== undefined) return;
  throw new FleetError('INPUT_INVALID', 'ids: are rows of one server; say which one with source.', {
    hint: 'Add "source" and "scope": "fleet".',
  });
}
