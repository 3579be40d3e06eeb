import type { WitnessVotes } from './observation.ts';
import type { VerdictRule } from './verdict.ts';

/** What the observer of a silent server knows besides. Servers on the own machine prove nothing and do not count. */
export interface Surroundings {
  /** There are witnesses to be asked. */
  readonly hasWitnesses: boolean;
  /** Everything was found to be silent, and nobody has answered since. */
  readonly isIsolated: boolean;
  /** Whether any server answered between these instants, in whatever way. */
  hasAnswerBetween(fromMs: number, toMs: number): boolean;
  /**
   * The other servers of which nobody has said that they are unreachable: `none` there are, all are `silent`, or some are
   * `open`, which have not been heard to be silent.
   */
  others(): 'none' | 'silent' | 'open';
}

export type Judgement =
  | { readonly kind: 'wait'; readonly asksOthers: boolean }
  /** Others reach it: the fault lies between it and us. */
  | { readonly kind: 'stays' }
  | { readonly kind: 'lost'; readonly rule: VerdictRule }
  | { readonly kind: 'isolated' };

interface SilentServer {
  readonly failures: number;
  readonly failingSinceMs: number;
  readonly silentProbeMs: number;
  readonly votes: WitnessVotes | null;
  readonly isAskingWitnesses: boolean;
}

/**
 * What `fall` silences in a row mean. Witnesses decide where they answer; a tie is broken by our own silence. Without
 * them an answer of any other server proves that our network works. Where nothing proves it, several servers that are
 * silent together mean that we are cut off, and a single one is believed to be dead after twice as many silences: a fleet
 * of two must be able to fail over.
 */
export function judgeSilence(server: SilentServer, fall: number, surroundings: Surroundings): Judgement {
  const { votes } = server;
  if (votes !== null) {
    return votes.reached > votes.unreached ? { kind: 'stays' } : { kind: 'lost', rule: 'witnesses-miss-it' };
  }
  if (server.isAskingWitnesses) return { kind: 'wait', asksOthers: false };
  // It was silent to a probe that began after somebody else had answered. One that began before may have met with a cut
  // that was over by then.
  if (surroundings.hasAnswerBetween(server.failingSinceMs, server.silentProbeMs)) {
    return { kind: 'lost', rule: 'network-proven' };
  }
  if (surroundings.hasAnswerBetween(server.silentProbeMs, Infinity)) return { kind: 'wait', asksOthers: false };
  switch (surroundings.others()) {
    case 'open':
      return { kind: 'wait', asksOthers: true };
    case 'silent':
      return { kind: 'isolated' };
    case 'none':
      if (server.failures >= 2 * fall) return { kind: 'lost', rule: 'silence-unconfirmed' };
      return { kind: 'wait', asksOthers: false };
  }
}
