import { beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { Pace, Paces, type PaceTurn } from './pace.ts';

const failure = (code: ErrorCode): FleetError => new FleetError(code, code);

describe('the pace of requests to one server', () => {
  let now: number;
  let pace: Pace;
  beforeEach(() => {
    now = 1_800_000_000_000;
    pace = new Pace({ now: () => now });
  });

  /** As many as may go. */
  function fill(): PaceTurn[] {
    return Array.from({ length: pace.places }, () => pace.begin());
  }
  function succeed(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) for (const turn of fill()) turn.succeeded();
  }

  it('starts at four, and has a place again for each that ended', () => {
    const turns = fill();
    expect([turns.length, pace.places, pace.running]).toEqual([4, 0, 4]);
    turns[0]?.dropped();
    expect(pace.places).toBe(1);
  });

  it('grows by one with each round that succeeds as a whole, up to what the operator allows', () => {
    const limits = Array.from({ length: 14 }, () => {
      succeed(1);
      return pace.limit;
    });
    expect(limits).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16]);
    pace.max = 3;
    expect(pace.limit).toBe(3);
  });

  it.each(['RATE_LIMITED', 'PEER_BUSY', 'SHUTTING_DOWN', 'PEER_TIMEOUT'] as const)(
    'halves once for all that fail together with %s, and never below one',
    (code) => {
      succeed(8);
      expect(pace.limit).toBe(12);
      const turns = fill();
      for (const turn of turns) turn.failed(failure(code), undefined);
      expect(pace.limit).toBe(6);
      for (let round = 0; round < 5; round += 1) {
        now += 60_000;
        for (const turn of fill()) turn.failed(failure(code), undefined);
      }
      expect(pace.limit).toBe(1);
    },
  );

  it('does not grow by what began before the server was busy', () => {
    const turns = fill();
    turns[0]?.failed(failure('RATE_LIMITED'), undefined);
    for (const turn of turns.slice(1)) turn.succeeded();
    now += 5000;
    pace.begin().succeeded();
    expect(pace.limit).toBe(2);
    pace.begin().succeeded();
    expect(pace.limit).toBe(3);
  });

  it('waits as long as the server wishes, within reason, and the longest of several wishes', () => {
    const turns = fill();
    turns[0]?.failed(failure('RATE_LIMITED'), 7000);
    turns[1]?.failed(failure('RATE_LIMITED'), 2000);
    for (const turn of turns) turn.dropped();
    expect([pace.places, pace.openAt]).toEqual([0, now + 7000]);
    now += 6999;
    expect(pace.places).toBe(0);
    now += 1;
    expect(pace.places).toBe(2);
    pace.begin().failed(failure('RATE_LIMITED'), 3_600_000);
    expect(pace.openAt).toBe(now + 60_000);
  });

  it('takes the Retry-After of a proxy for a sign that the server is busy', () => {
    pace.begin().failed(failure('PEER_FAILED'), 3000);
    expect([pace.limit, pace.openAt]).toEqual([2, now + 3000]);
  });

  it('begins anew with a server that was away, and waits for nothing', () => {
    succeed(5);
    pace.begin().failed(failure('PEER_UNREACHABLE'), undefined);
    expect([pace.limit, pace.places]).toEqual([4, 4]);
  });

  it('counts each request once, however often its end is told', () => {
    const turn = pace.begin();
    turn.dropped();
    turn.failed(failure('RATE_LIMITED'), 1000);
    turn.succeeded();
    expect([pace.running, pace.limit, pace.places]).toEqual([0, 4, 4]);
  });

  it('of one server leaves that of another alone, but for what the operator allows', () => {
    const paces = new Paces({ now: () => now });
    paces.of('http://a').begin().failed(failure('RATE_LIMITED'), 5000);
    expect([paces.of('http://a').places, paces.of('http://b').places]).toEqual([0, 4]);
    paces.max = 1;
    expect([paces.of('http://b').limit, paces.of('http://c').limit]).toEqual([1, 1]);
  });
});
