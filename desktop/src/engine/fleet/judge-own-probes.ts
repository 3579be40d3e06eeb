import type { Observation, ProbeCause } from '@imagefleet/shared/common/health/observation.ts';

/** What one probe of one configured server saw. */
export interface OwnProbe {
  /** As `serverKey` names it. */
  readonly key: string;
  readonly host: string;
  /** On this very machine: what is reached without a network proves nothing about it. */
  readonly isOwnMachine: boolean;
  readonly seen: Observation;
}

export interface ProbeRound {
  readonly probes: readonly OwnProbe[];
  /** Whether this machine has any address but those of itself. */
  readonly hasAddress: boolean;
}

export type OwnVerdict =
  /** `up` take connections; `down` are those that do not, with the cause of each. */
  | { readonly kind: 'answered'; readonly down: ReadonlyMap<string, ProbeCause>; readonly up: ReadonlySet<string> }
  /** Nobody takes connections, and the network works. */
  | { readonly kind: 'down'; readonly down: ReadonlyMap<string, ProbeCause> }
  /** Everything elsewhere is silent at once: that is us. */
  | { readonly kind: 'ownNetwork' }
  /** Silence of one machine alone: it may be that one or the way to it. */
  | { readonly kind: 'unconfirmed' };

/**
 * Judges one round of probes that no agent judges for us, by the rules of the monitor (docs/health.md): a refusal proves the
 * network, silence of one beside it is that server's, and silence of all is our own network's. Pure.
 */
export function judgeOwnProbes({ probes, hasAddress }: ProbeRound): OwnVerdict {
  const elsewhere = probes.filter(({ isOwnMachine }) => !isOwnMachine);
  const isProven = elsewhere.some(({ seen }) => seen.kind === 'success' || seen.kind === 'failure');
  const down = new Map<string, ProbeCause>();
  for (const { key, isOwnMachine, seen } of probes) {
    const isDown = seen.kind === 'failure' || (seen.kind === 'silence' && isProven && !isOwnMachine);
    if (isDown) down.set(key, seen.cause);
  }
  const up = new Set(probes.filter(({ seen }) => seen.kind === 'success').map(({ key }) => key));
  if (up.size > 0) return { kind: 'answered', down, up };
  if (elsewhere.length > 0 && !isProven) {
    const hosts = new Set(elsewhere.map(({ host }) => host));
    if (!hasAddress || hosts.size > 1) return { kind: 'ownNetwork' };
  }
  return down.size > 0 ? { kind: 'down', down } : { kind: 'unconfirmed' };
}
