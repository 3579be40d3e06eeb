import { describe, expect, it } from 'vitest';
import type { Proof, VerifiedServer, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { evidenceOfProof, evidenceOfVerify, newestOf } from './evidence.ts';

const both = { en: '', zh: '' };

function aProof(states: Readonly<Record<string, 'same' | 'differs' | 'silent'>>): Proof {
  const all = Object.values(states);
  const result = all.includes('differs') ? 'differs' : all.includes('silent') ? 'incomplete' : 'same';
  const set = { images: 7, records: 7, bytes: 1, digest: 'd', hashedSince: null, cause: null };
  return {
    ...{
      document: 'imagefleet proof',
      version: 1,
      asOf: '2026-03-09T03:12:00.000Z',
      madeAt: '2026-03-09T03:13:00.000Z',
      madeBy: 's1',
      result,
    },
    ...{ statement: both, basis: both },
    servers: Object.entries(states).map(([server, state]) => ({ server, state, ...set })),
  };
}

function aReport(
  states: Readonly<Record<string, VerifiedServer['state']>>,
  overrides: Partial<VerifyReport> = {},
): VerifyReport {
  const none = {
    pulled: 0,
    pulledBytes: 0,
    pushed: 0,
    pushedBytes: 0,
    onTheWay: 0,
    failed: [],
    failedCount: 0,
    cause: null,
  };
  return {
    ...{
      id: 'r',
      reason: 'command',
      state: 'done',
      startedAt: 1,
      finishedAt: 2,
      server: 's1',
      records: 7,
      copies: null,
    },
    servers: Object.entries(states).map(([server, state]) => ({ server, state, ...none })),
    isEqual: true,
    ...overrides,
  };
}

const AGENTS = ['s1', 's2', 's3'];

describe('what a proof says of the fleet', () => {
  it('is that all hold the same, with their number, as of the cut-off', () => {
    const proof = aProof({ s1: 'same', s2: 'same', s3: 'same' });
    const [at, madeAt] = [Date.parse(proof.asOf), Date.parse(proof.madeAt)];
    expect(evidenceOfProof(proof, AGENTS)).toEqual({
      kind: 'proof',
      result: 'same',
      at,
      madeAt,
      images: 7,
      servers: [],
    });
  });

  it('names those that differ, or else those that did not answer', () => {
    expect(evidenceOfProof(aProof({ s1: 'same', s2: 'differs', s3: 'silent' }), AGENTS)?.servers).toEqual(['s2']);
    expect(evidenceOfProof(aProof({ s1: 'same', s2: 'same', s3: 'silent' }), AGENTS)?.servers).toEqual(['s3']);
  });

  it('is nothing when the fleet has a server that it does not name', () => {
    expect(evidenceOfProof(aProof({ s1: 'same', s2: 'same' }), AGENTS)).toBeUndefined();
  });
});

describe('what a run of verify says of the fleet', () => {
  it('is that all hold the same when every other server was equal or healed', () => {
    expect(evidenceOfVerify(aReport({ s2: 'equal', s3: 'healed' }), AGENTS)).toMatchObject({ result: 'same', at: 2 });
  });

  it('names those that still differ', () => {
    const report = aReport({ s2: 'equal', s3: 'differs' }, { isEqual: false });
    expect(evidenceOfVerify(report, AGENTS)).toMatchObject({ result: 'differs', servers: ['s3'] });
  });

  it.each([
    ['while it runs', aReport({ s2: 'equal', s3: 'running' }, { state: 'running', finishedAt: null })],
    ['with a part of the servers, as when one is back', aReport({ s2: 'equal' })],
    ['with copies on their way', aReport({ s2: 'equal', s3: 'onTheWay' })],
    ['with one that did not answer', aReport({ s2: 'equal', s3: 'silent' }, { isEqual: false })],
    ['without any run', null],
  ])('is nothing %s', (_, report) => {
    expect(evidenceOfVerify(report, AGENTS)).toBeUndefined();
  });
});

it('goes by the newest of both', () => {
  const old = { kind: 'proof', result: 'same', at: 0, madeAt: 1, images: 1, servers: [] } as const;
  const young = { ...old, kind: 'verify', at: 2, madeAt: 2 } as const;
  expect(newestOf(old, young)).toBe(young);
  expect(newestOf({ ...old, madeAt: 2 }, young)?.kind).toBe('proof');
  expect(newestOf(undefined, young)).toBe(young);
  expect(newestOf(undefined, undefined)).toBeUndefined();
});
