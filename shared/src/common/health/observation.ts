import type { ErrorCode } from '../errors/error-codes.ts';

/** Why a probe failed: a code, and a sentence for people. */
export interface ProbeCause {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What one probe of one server saw. Latency is milliseconds from the first packet to the verdict. */
export type Observation =
  | { readonly kind: 'success'; readonly latencyMs: number }
  /**
   * The server's host answered, and not as it should: connection refused or reset, a wrong HTTP status, or a connection
   * that was taken and then never answered. It proves that the network between us works, so nobody else need be asked.
   */
  | { readonly kind: 'failure'; readonly cause: ProbeCause }
  /** Nothing came back at all: the server may be dead, or the network between us cut. */
  | { readonly kind: 'silence'; readonly cause: ProbeCause }
  /** The probe could not be made (name look-up, no free descriptor, no route of our own): says nothing of the server. */
  | { readonly kind: 'ownFailure'; readonly cause: ProbeCause };

/** What other agents answered that were asked to connect to a server which is silent to us. */
export interface WitnessVotes {
  readonly reached: number;
  readonly unreached: number;
}
