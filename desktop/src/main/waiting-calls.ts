import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { bridgeError } from '#bridge/bridge-error.ts';
import type { DesktopAnswer, DesktopCall } from '#bridge/desktop-bridge.ts';
import { isReading } from './is-reading.ts';

/** A page that asks more than this at once has lost its way. */
const MAX_CALLS = 500;
/** A reading call is asked again once; what kills the engine twice would kill it again. */
const MAX_SENDINGS = 2;

/** A call that the engine's process answers. */
export type EngineCall = DesktopCall & { readonly api: 'operator' | 'engine' };

interface Waiting {
  readonly call: EngineCall;
  readonly settle: (answer: DesktopAnswer) => void;
  sendings: number;
  isUnderWay: boolean;
  cancelDeadline: () => void;
}

export interface WaitingCallsOptions {
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** How long a call waits for an engine that takes it. One that is under way takes the time that it takes. */
  readonly patienceMs: number;
}

/** The calls that have no answer yet: those under way in the engine's process, and those that wait for it. */
export class WaitingCalls {
  readonly #options: WaitingCallsOptions;
  readonly #calls = new Map<number, Waiting>();
  #lastId = 0;

  constructor(options: WaitingCallsOptions) {
    this.#options = options;
  }

  /** Resolves with its answer, whatever becomes of the engine; `added` gets its id. */
  add(call: EngineCall, added: (id: number) => void): Promise<DesktopAnswer> {
    if (this.#calls.size >= MAX_CALLS) {
      return Promise.resolve(refusal(new FleetError('RATE_LIMITED', 'too many calls wait for the engine')));
    }
    const id = (this.#lastId += 1);
    return new Promise((settle) => {
      const waiting = { call, settle, sendings: 0, isUnderWay: false, cancelDeadline: () => undefined };
      this.#calls.set(id, waiting);
      this.#limit(id, waiting);
      added(id);
    });
  }

  /** Hands out what goes to the engine now. */
  sendTo(post: (id: number, call: EngineCall) => void): void {
    for (const [id, waiting] of this.#calls) if (!waiting.isUnderWay) this.#send(id, waiting, post);
  }

  sendOne(id: number, post: (id: number, call: EngineCall) => void): void {
    const waiting = this.#calls.get(id);
    if (waiting !== undefined) this.#send(id, waiting, post);
  }

  answered(id: number, answer: DesktopAnswer): void {
    const waiting = this.#calls.get(id);
    if (waiting === undefined) return;
    this.#calls.delete(id);
    waiting.cancelDeadline();
    waiting.settle(answer);
  }

  /** The process is gone: what only reads waits for the next one, of the rest nobody knows what became. */
  lost(): void {
    for (const [id, waiting] of this.#calls) {
      if (!waiting.isUnderWay) continue;
      if (isReading(waiting.call) && waiting.sendings < MAX_SENDINGS) {
        waiting.isUnderWay = false;
        this.#limit(id, waiting);
      } else {
        this.answered(id, refusal(engineRestarted(waiting.call)));
      }
    }
  }

  failAll(error: FleetError): void {
    for (const id of [...this.#calls.keys()]) this.answered(id, refusal(error));
  }

  #send(id: number, waiting: Waiting, post: (id: number, call: EngineCall) => void): void {
    waiting.cancelDeadline();
    waiting.isUnderWay = true;
    waiting.sendings += 1;
    post(id, waiting.call);
  }

  #limit(id: number, waiting: Waiting): void {
    waiting.cancelDeadline = this.#options.setTimer(() => {
      this.answered(id, refusal(new FleetError('PEER_TIMEOUT', 'the upload engine did not start in time')));
    }, this.#options.patienceMs);
  }
}

export function refusal(error: FleetError): DesktopAnswer {
  return { isOk: false, error: bridgeError(error) };
}

function engineRestarted({ method }: EngineCall): FleetError {
  return new FleetError('INTERNAL', `the upload engine ended while it did ${method}, and is started again`, {
    hint: 'Look whether it was done, and try again if it was not.',
  });
}
