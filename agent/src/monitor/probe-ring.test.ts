import { expect, it } from 'vitest';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { ProbeRing } from './probe-ring.ts';

const failure: Observation = { kind: 'failure', cause: { code: 'PROBE_REFUSED', message: 'refused' } };
const success = (latencyMs: number): Observation => ({ kind: 'success', latencyMs });

it('keeps the latest twenty, in order, each as it was seen', () => {
  const ring = new ProbeRing();
  expect(ring.list()).toEqual([]);
  const seen = Array.from({ length: 47 }, (_, index) => ({
    at: 1000 + index,
    observation: index % 3 === 0 ? failure : success(index / 10),
  }));
  for (const [index, { at, observation }] of seen.entries()) {
    ring.add(at, observation);
    expect(ring.list()).toEqual(seen.slice(Math.max(0, index - 19), index + 1));
  }
});
