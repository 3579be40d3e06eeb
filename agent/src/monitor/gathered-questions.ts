import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { addressKey, MAX_REACH_ADDRESSES, type ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';

/** What is asked within this time goes out as one question: servers that share a switch fall silent together. */
const GATHER_MS = 20;
/** Questions under way to one witness; what comes on top gets no answer. */
const MAX_QUESTIONS = 8;

export interface GatheredQuestionsDeps {
  /** One answer for each address, in order. May reject. */
  readonly reach: (addresses: readonly ServerAddress[], signal: AbortSignal) => Promise<readonly ReachAnswer[]>;
  /** After it a question is given up. */
  readonly limitMs: number;
  readonly stopped: AbortSignal;
}

interface Batch {
  readonly addresses: Map<string, ServerAddress>;
  readonly answers: Promise<ReadonlyMap<string, ReachAnswer>>;
  readonly send: () => void;
}

/** Asks one witness about many servers with few questions. */
export class GatheredQuestions {
  readonly #deps: GatheredQuestionsDeps;
  #open: Batch | null = null;
  #underWay = 0;

  constructor(deps: GatheredQuestionsDeps) {
    this.#deps = deps;
  }

  /** Never rejects: silence and every failure are `cannotSay`. */
  async ask(address: ServerAddress): Promise<ReachAnswer> {
    this.#open ??= this.#begin();
    const batch = this.#open;
    batch.addresses.set(addressKey(address), address);
    if (batch.addresses.size >= MAX_REACH_ADDRESSES) batch.send();
    return (await batch.answers).get(addressKey(address)) ?? 'cannotSay';
  }

  #begin(): Batch {
    const addresses = new Map<string, ServerAddress>();
    const sent = Promise.withResolvers<undefined>();
    const send = (): void => {
      clearTimeout(timer);
      if (this.#open === batch) this.#open = null;
      sent.resolve(undefined);
    };
    const timer = setTimeout(send, GATHER_MS);
    const batch: Batch = { addresses, send, answers: sent.promise.then(() => this.#answersTo(addresses)) };
    return batch;
  }

  async #answersTo(addresses: ReadonlyMap<string, ServerAddress>): Promise<ReadonlyMap<string, ReachAnswer>> {
    const { reach, limitMs, stopped } = this.#deps;
    if (this.#underWay >= MAX_QUESTIONS || stopped.aborted) return new Map();
    this.#underWay += 1;
    try {
      const answers = await reach([...addresses.values()], AbortSignal.any([stopped, AbortSignal.timeout(limitMs)]));
      return new Map([...addresses.keys()].map((key, index) => [key, answers[index] ?? 'cannotSay']));
    } catch {
      // Why it did not answer is its own matter: as a peer it is watched, and as a witness it just has no vote.
      return new Map();
    } finally {
      this.#underWay -= 1;
    }
  }
}
