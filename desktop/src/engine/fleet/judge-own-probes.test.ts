import { describe, expect, it } from 'vitest';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { judgeOwnProbes, type OwnProbe, type OwnVerdict } from './judge-own-probes.ts';

const REFUSED = { code: 'PROBE_REFUSED', message: 'text' } as const;
const TIMEOUT = { code: 'PROBE_TIMEOUT', message: 'text' } as const;
const SEEN = {
  up: { kind: 'success', latencyMs: 1 },
  refused: { kind: 'failure', cause: REFUSED },
  silent: { kind: 'silence', cause: TIMEOUT },
  unmade: { kind: 'ownFailure', cause: { code: 'PROBE_NOT_MADE', message: 'text' } },
} as const satisfies Record<string, Observation>;
type Seen = keyof typeof SEEN;

function probe(host: string, seen: Seen): OwnProbe {
  return { key: host, host, isOwnMachine: host === 'here', seen: SEEN[seen] };
}
function judged(probes: readonly OwnProbe[], hasAddress = true): OwnVerdict | readonly string[] {
  const verdict = judgeOwnProbes({ probes, hasAddress });
  return 'down' in verdict ? [verdict.kind, ...verdict.down.keys()] : verdict;
}

describe('own probes', () => {
  it('accuse the own network when everything is silent at once', () => {
    expect(judged([probe('a', 'silent'), probe('b', 'silent'), probe('c', 'unmade')])).toEqual({ kind: 'ownNetwork' });
  });

  it.each(['silent', 'unmade'] as const)('accuse nobody when a single machine is %s', (seen) => {
    expect(judged([probe('a', seen)])).toEqual({ kind: 'unconfirmed' });
    expect(judged([probe('a', seen), probe('a', seen)])).toEqual({ kind: 'unconfirmed' });
  });

  it('accuse the own network also for a single server when this machine has no address', () => {
    expect(judged([probe('a', 'unmade')], false)).toEqual({ kind: 'ownNetwork' });
  });

  it('take a refusal for a proof of the network, and then silence for the server', () => {
    expect(judged([probe('a', 'refused'), probe('b', 'silent'), probe('c', 'unmade')])).toEqual(['down', 'a', 'b']);
  });

  it('name those that are down beside one that answers', () => {
    expect(judged([probe('a', 'up'), probe('b', 'refused'), probe('c', 'silent')])).toEqual(['answered', 'b', 'c']);
  });

  it('learn nothing of the network from this machine itself', () => {
    expect(judged([probe('here', 'refused'), probe('here', 'refused')])).toEqual(['down', 'here', 'here'].slice(0, 2));
    expect(judged([probe('here', 'silent')], false)).toEqual({ kind: 'unconfirmed' });
    expect(judged([probe('here', 'refused'), probe('a', 'silent'), probe('b', 'silent')])).toEqual({
      kind: 'ownNetwork',
    });
    expect(judged([probe('here', 'up'), probe('a', 'silent'), probe('b', 'silent')])).toEqual(['answered']);
  });
});
