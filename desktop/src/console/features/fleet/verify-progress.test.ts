import { expect, it } from 'vitest';
import type { VerifiedServer, VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { verifyProgress } from './verify-progress.ts';

function report(
  servers: readonly (readonly [VerifiedServer['state'], number])[],
  overrides: Partial<VerifyReport> = {},
): VerifyReport {
  const none = { pulledBytes: 0, pushed: 0, pushedBytes: 0, onTheWay: 0, failed: [], failedCount: 0, cause: null };
  return {
    ...{
      id: 'r',
      reason: 'command',
      state: 'done',
      startedAt: 1,
      finishedAt: 9,
      server: 's1',
      records: 7,
      copies: null,
    },
    servers: servers.map(([state, pulled], index) => ({ server: `s${String(index + 2)}`, state, pulled, ...none })),
    isEqual: true,
    ...overrides,
  };
}

it.each([
  ['waiting', report([['waiting', 0]], { state: 'waiting', finishedAt: null }), { kind: 'waiting' }],
  [
    'running',
    report(
      [
        ['equal', 0],
        ['running', 4],
        ['waiting', 0],
      ],
      { state: 'running', finishedAt: null },
    ),
    { kind: 'running', done: 1, total: 3, server: 's3', brought: 4 },
  ],
  ['equal', report([['equal', 0]]), { kind: 'equal', at: 9, servers: ['s2'] }],
  [
    'healed',
    report([
      ['equal', 0],
      ['healed', 3],
    ]),
    { kind: 'healed', at: 9, images: 3, servers: ['s2', 's3'] },
  ],
  [
    'own files brought back',
    report([['equal', 0]], { copies: { checked: 9, missing: 2, restored: 2, failed: [], failedCount: 0 } }),
    { kind: 'healed', at: 9, images: 2, servers: ['s2'] },
  ],
  ['only on its way', report([['onTheWay', 0]]), { kind: 'onTheWay', at: 9, servers: ['s2'] }],
  [
    'differing, whatever was healed',
    report([
      ['healed', 3],
      ['differs', 0],
    ]),
    { kind: 'differs', at: 9, servers: ['s3'] },
  ],
  [
    'silent',
    report([
      ['equal', 0],
      ['silent', 0],
    ]),
    { kind: 'silent', at: 9, servers: ['s3'] },
  ],
])('tells of a run that is %s', (_, run, expected) => {
  expect(verifyProgress(run)).toEqual(expected);
});
