import type { ServerState } from './fleet-snapshot.ts';
import type { HealthSettings } from './health-settings.ts';
import type { Observation, WitnessVotes } from './observation.ts';

/**
 * Whether copies can be sent to a server now. Other than its state this neither waits for the warm-up, which is for web
 * traffic, nor ends with maintenance: a copy may go wherever somebody answers.
 */
export type Reachability =
  /** Not one probe has ended yet, or all that could be asked failed at once and nobody can say why. */
  | 'unknown'
  | 'reachable'
  /** It was reachable, and the last probe or a push failed; quick probes find out. */
  | 'doubted'
  | 'unreachable';

/** The rule that made the present verdict. */
export type VerdictRule =
  /** Nothing has been seen since the start that could decide. */
  | 'first-look'
  /** It answers, and has not done so for the warm-up time. */
  | 'warming-up'
  /** It answered long and often enough. */
  | 'warmed-up'
  /** `fall` failures in a row, each of which proves that the network works. */
  | 'failures'
  /** It is silent to us, and a majority of the witnesses that answered reaches it: it stays as it was. */
  | 'witnesses-reach-it'
  /** It is silent to us and to the majority of the witnesses. */
  | 'witnesses-miss-it'
  /** It is silent, no witness answered, and other servers do answer us. */
  | 'network-proven'
  /** It is silent, and nothing else tells whether our own network works: believed after twice `fall`. */
  | 'silence-unconfirmed'
  /** Everything fell silent at once: that is us, not them. */
  | 'isolated'
  /** Probes cannot be made. */
  | 'own-failure'
  | 'maintenance';

/** Everything behind the present state of one server; what `imagefleet why` shows. Instants are epoch milliseconds. */
export interface Verdict {
  readonly server: string;
  readonly state: ServerState;
  readonly reachability: Reachability;
  readonly rule: VerdictRule;
  readonly sinceAt: number;
  /** Counted until it is up. */
  readonly successesInRow: number;
  readonly failuresInRow: number;
  /** Milliseconds until it is up if it goes on answering; null when it is not warming up. */
  readonly warmUpLeftMs: number | null;
  readonly votes: (WitnessVotes & { readonly at: number }) | null;
  /** The latest last; bounded. */
  readonly probes: readonly { readonly at: number; readonly observation: Observation }[];
  readonly settings: HealthSettings;
}
