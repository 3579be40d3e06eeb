import { describe, expect, it } from 'vitest';
import { causesOf } from './causes.ts';
import { aGroup } from './testing/a-group.ts';

describe('the rows of the errors page', () => {
  it('has one for each server and cause, whoever has the copies', () => {
    const { rows } = causesOf([
      aGroup({ source: 's2', count: 4, bytes: 40, oldestQueuedAt: 50 }),
      aGroup({ source: 's1', count: 3, bytes: 30, oldestQueuedAt: 20 }),
      aGroup({ source: 's1', server: 's2' }),
      aGroup({ code: 'PEER_TIMEOUT' }),
    ]);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ server: 's3', count: 7, bytes: 70, since: 20, sources: ['s1', 's2'], parked: 7 });
  });

  it('calls what never failed no error', () => {
    const groups = [
      aGroup({ state: 'pending', code: null, count: 5 }),
      aGroup({ state: 'inflight', code: null, count: 2 }),
    ];
    expect(causesOf(groups)).toEqual({ rows: [], flowing: 7 });
  });

  it('keeps a cause in sight while its copies go out again', () => {
    const { rows, flowing } = causesOf([aGroup({ count: 3 }), aGroup({ state: 'pending', count: 9 })]);
    expect(flowing).toBe(0);
    expect(rows[0]).toMatchObject({ count: 12, going: 9, parked: 3 });
  });

  it.each([
    ['whenBack', aGroup()],
    ['whenRoom', aGroup({ code: 'PEER_DISK_FULL' })],
    ['needsYou', aGroup({ code: 'PEER_KEY_WRONG' })],
    ['needsYou', aGroup({ state: 'dead', code: 'OWN_COPY_MISSING' })],
    ['retried', aGroup({ state: 'failed', code: 'PEER_TIMEOUT' })],
    ['byHand', aGroup({ state: 'failed', code: 'PEER_TIMEOUT', autoRetry: false })],
    ['byHand', aGroup({ code: 'PEER_DISK_FULL', autoRetry: false })],
    ['needsYou', aGroup({ code: 'PEER_KEY_WRONG', autoRetry: false })],
    ['going', aGroup({ state: 'pending', autoRetry: false })],
    ['going', aGroup({ state: 'pending' })],
  ])('tells what becomes of the copies: %s', (fate, group) => {
    expect(causesOf([group]).rows[0]?.fate).toBe(fate);
  });

  it('puts what needs somebody before what is more', () => {
    const { rows } = causesOf([
      aGroup({ count: 900 }),
      aGroup({ count: 1, server: 's2', state: 'dead', code: 'OWN_COPY_MISSING' }),
      aGroup({ count: 1, server: 's4', autoRetry: false }),
    ]);
    expect(rows.map(({ fate }) => fate)).toEqual(['needsYou', 'byHand', 'whenBack']);
  });

  it('has no row for nothing', () => {
    expect(causesOf([aGroup({ count: 0 })])).toEqual({ rows: [], flowing: 0 });
    expect(causesOf([])).toEqual({ rows: [], flowing: 0 });
  });
});
