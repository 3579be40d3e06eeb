import type { ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { isLoopbackHost } from '@imagefleet/shared/common/config/listen-address.ts';
import type { WitnessVotes } from '@imagefleet/shared/common/health/observation.ts';
import { addressKey, type ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import { GatheredQuestions } from './gathered-questions.ts';

/** From the question to the last vote that counts. */
const LIMIT_MS = 500;

/** Another agent, which can be asked to connect to a server. */
export interface Witness extends ServerAddress {
  readonly name: string;
  /** One answer for each address, in order; rejects when it does not answer, or does not know the question. */
  readonly reach: (addresses: readonly ServerAddress[], signal: AbortSignal) => Promise<readonly ReachAnswer[]>;
}

export interface WitnessesDeps {
  readonly witnesses: readonly Witness[];
  /** After how long votes come too late, for tests. Default 0.5 s. */
  readonly limitMs?: number;
}

/**
 * Asks those who stand elsewhere whether they reach a server that is silent to us, all at the same time. Who cannot say
 * and who is silent has no vote.
 */
export class Witnesses {
  readonly #limitMs: number;
  readonly #stopped = new AbortController();
  #asked: readonly { readonly witness: Witness; readonly questions: GatheredQuestions }[];

  constructor({ witnesses, limitMs = LIMIT_MS }: WitnessesDeps) {
    this.#limitMs = limitMs;
    const stopped = this.#stopped.signal;
    this.#asked = witnesses.map((witness) => {
      return { witness, questions: new GatheredQuestions({ reach: witness.reach, limitMs, stopped }) };
    });
  }

  /**
   * Witnesses at these hosts are not asked: they are on our own machine, and as cut off as we are. Answers the names of
   * those that are left out.
   */
  leaveOut(hosts: ReadonlySet<string>): readonly string[] {
    const left = this.#asked.filter(({ witness }) => hosts.has(witness.host));
    this.#asked = this.#asked.filter(({ witness }) => !hosts.has(witness.host));
    return left.map(({ witness }) => witness.name);
  }

  /** Where they are. */
  hosts(): readonly string[] {
    return this.#asked.map(({ witness }) => witness.host);
  }

  /** Without any there is no use in asking. */
  get count(): number {
    return this.#asked.length;
  }

  /** Never rejects; ends early when `signal` fires, with the votes that were in. */
  async ask(target: ServerAddress & { readonly name: string }, signal: AbortSignal): Promise<WitnessVotes> {
    const votes = { reached: 0, unreached: 0 };
    const over = Promise.withResolvers<undefined>();
    const end = (): void => over.resolve(undefined);
    const timer = setTimeout(end, this.#limitMs);
    const ending = AbortSignal.any([signal, this.#stopped.signal]);
    ending.addEventListener('abort', end);
    if (ending.aborted) end();
    const all = this.#asked
      .filter(({ witness }) => standsElsewhere(witness, target))
      .map(async ({ questions }) => {
        const answer = await questions.ask(target);
        if (answer !== 'cannotSay') votes[answer] += 1;
      });
    await Promise.race([Promise.all(all), over.promise]);
    clearTimeout(timer);
    ending.removeEventListener('abort', end);
    // What comes later is no vote any more, so the count that goes out must not change.
    return { ...votes };
  }

  stop(): void {
    this.#stopped.abort();
  }
}

/**
 * Whether a witness can tell us something of the server. It cannot when it is the server, or shares its machine and so
 * the fate of its network. And a loopback address is another server on every machine.
 */
function standsElsewhere(witness: Witness, target: ServerAddress & { readonly name: string }): boolean {
  if (witness.name === target.name || addressKey(witness) === addressKey(target)) return false;
  if (isLoopbackHost(target.host)) return isLoopbackHost(witness.host);
  return addressKey({ ...witness, port: target.port }) !== addressKey(target);
}
