import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { FirstHealthyTarget } from './first-healthy-target.ts';
import { preferredOrder } from './preferred-order.ts';
import { WORD_LASTS_MS } from './server-standing.ts';

const SERVERS = ['http://10.0.0.1:7401', 'http://10.0.0.2:7401', 'http://10.0.0.3:7401'];
const [A = '', B = '', C = ''] = preferredOrder(SERVERS, 'machine');
const START = 1_800_000_000_000;

describe('the choice of the server', () => {
  let now: number;
  let random: number;
  let target: FirstHealthyTarget;
  beforeEach(() => {
    now = START;
    random = 0;
    target = make(SERVERS);
  });

  function make(servers: readonly string[]): FirstHealthyTarget {
    return new FirstHealthyTarget({ servers, machineKey: 'machine', now: () => now, random: () => random });
  }
  function fail(code: ErrorCode, retryAfterMs?: number): string | undefined {
    const turn = target.begin();
    turn?.failed(new FleetError(code, code), retryAfterMs);
    return turn?.server;
  }
  function say(states: Readonly<Record<string, ServerState>>): void {
    target.heard(Object.entries(states).map(([server, state]) => ({ server, state })));
  }

  it('is the preferred one as long as it answers', () => {
    for (let request = 0; request < 5; request += 1) {
      const turn = target.begin();
      expect(turn?.server).toBe(A);
      turn?.succeeded();
    }
    expect(target.openAt()).toBeLessThanOrEqual(now);
  });

  it('moves on with the first failure, and further when the next one fails', () => {
    expect(fail('PEER_UNREACHABLE')).toBe(A);
    expect(fail('PEER_TIMEOUT')).toBe(B);
    expect(target.current()).toBe(C);
  });

  it('has none when all failed, and says when to ask again', () => {
    for (const server of [A, B, C]) expect(fail('PEER_UNREACHABLE')).toBe(server);
    expect([target.current(), target.begin()]).toEqual([undefined, undefined]);
    expect(target.openAt()).toBe(START + 1000);
    now = target.openAt();
    expect(target.current()).toBe(A);
  });

  it('asks again at once, by one request, when somebody wants it so', () => {
    target = make([A]);
    fail('DISK_FULL');
    expect(target.current()).toBeUndefined();
    target.retryNow();
    expect([target.begin()?.server, target.begin()]).toEqual([A, undefined]);
  });

  describe('without a word of the fleet', () => {
    it('tries the preferred one by a single request after a wait, while the others go on elsewhere', () => {
      fail('PEER_UNREACHABLE');
      now += 999;
      expect(target.current()).toBe(B);
      now += 1;
      const trial = target.begin();
      expect([trial?.server, target.begin()?.server, target.current()]).toEqual([A, B, B]);
      trial?.succeeded();
      expect([target.current(), target.begin()?.server, target.begin()?.server]).toEqual([A, A, A]);
    });

    it('waits twice as long after each trial that fails, up to a minute, with some chance in it', () => {
      target = make([A]);
      const waits: number[] = [];
      for (let trial = 0; trial < 8; trial += 1) {
        random = trial % 2 === 0 ? 0 : 0.999;
        expect(fail('PEER_UNREACHABLE')).toBe(A);
        waits.push(target.openAt() - now);
        now = target.openAt();
      }
      expect(waits).toEqual([1000, 3998, 4000, 15_992, 16_000, 59_970, 30_000, 59_970]);
    });

    it('may try again when a trial was dropped', () => {
      target = make([A]);
      fail('PEER_UNREACHABLE');
      now += 2000;
      const trial = target.begin();
      expect([target.current(), target.openAt()]).toEqual([undefined, Infinity]);
      trial?.dropped();
      expect([target.current(), target.begin()?.server]).toEqual([A, A]);
    });
  });

  it('counts requests that fail together once, and believes none that began before', () => {
    const turns = [target.begin(), target.begin(), target.begin()];
    turns[0]?.failed(new FleetError('PEER_UNREACHABLE', ''), undefined);
    turns[1]?.failed(new FleetError('PEER_UNREACHABLE', ''), undefined);
    turns[2]?.succeeded();
    expect(target.current()).toBe(B);
    now += 1000;
    expect(target.current()).toBe(A);
  });

  it('goes back to a busy server after its pause, with all requests at once', () => {
    fail('RATE_LIMITED', 5000);
    expect(target.current()).toBe(B);
    now += 5000;
    expect([target.begin()?.server, target.begin()?.server]).toEqual([A, A]);
    fail('RATE_LIMITED', 3_600_000);
    now += 60_000;
    expect(target.current()).toBe(A);
  });

  it('honours the wish of a server that fails otherwise as well, also of a late answer', () => {
    const late = target.begin();
    fail('SHUTTING_DOWN', 20_000);
    late?.failed(new FleetError('SHUTTING_DOWN', ''), 30_000);
    now += 29_999;
    expect(target.current()).toBe(B);
    now += 1;
    expect(target.current()).toBe(A);
  });

  it.each(['KEY_WRONG', 'ROLE_MISSING', 'DISK_FULL'] as const)(
    'leaves a server alone for long that will refuse everything: %s',
    (code) => {
      expect(fail(code)).toBe(A);
      now += 29_000;
      expect(target.current()).toBe(B);
      now += 1000;
      expect(target.current()).toBe(A);
    },
  );

  it('moves on after two failures in a row that one file may have caused, not after one', () => {
    expect(fail('INTERNAL')).toBe(A);
    target.begin()?.succeeded();
    expect(fail('INTERNAL')).toBe(A);
    expect(target.current()).toBe(A);
    expect(fail('BODY_MALFORMED')).toBe(A);
    expect(target.current()).toBe(B);
  });

  describe('by the word of the fleet', () => {
    it.each(['down', 'warming', 'maintenance'] as const)('passes over a server that is %s', (state) => {
      say({ [A]: state, [B]: 'up' });
      expect(target.current()).toBe(B);
    });

    it('goes on at one of which nobody knows anything', () => {
      say({ [A]: 'unknown', [B]: 'up' });
      expect(target.current()).toBe(A);
    });

    it('returns when the preferred one is up and warm, without a wait or a trial, and not before', () => {
      fail('PEER_UNREACHABLE');
      say({ [A]: 'down', [B]: 'up' });
      now += 30_000;
      say({ [A]: 'warming', [B]: 'up' });
      expect(target.current()).toBe(B);
      say({ [A]: 'up', [B]: 'up' });
      expect([target.begin()?.server, target.begin()?.server]).toEqual([A, A]);
    });

    it('believes its own failures more than a server that is said to be up all along', () => {
      say({ [A]: 'up', [B]: 'up' });
      fail('PEER_UNREACHABLE');
      say({ [A]: 'up', [B]: 'up' });
      expect(target.current()).toBe(B);
    });

    it('goes to a warming one rather than to none', () => {
      say({ [A]: 'down', [B]: 'warming', [C]: 'warming' });
      expect([target.begin()?.server, target.begin()?.server]).toEqual([B, B]);
    });

    it('tries what is said to be down when nothing else is left, one request at first', () => {
      say({ [A]: 'maintenance', [B]: 'down', [C]: 'down' });
      const trial = target.begin();
      expect([trial?.server, target.begin()?.server, target.begin()]).toEqual([B, C, undefined]);
      trial?.succeeded();
      say({ [A]: 'maintenance', [B]: 'down', [C]: 'down' });
      expect([target.begin()?.server, target.begin()?.server]).toEqual([B, B]);
    });

    it('is careful with what is said to be down also where requests arrived before', () => {
      target = make([A]);
      target.begin()?.succeeded();
      say({ [A]: 'up' });
      say({ [A]: 'down' });
      expect([target.begin()?.server, target.begin()]).toEqual([A, undefined]);
    });

    it('rather waits for a busy one than to try one that is said to be down', () => {
      say({ [A]: 'up', [B]: 'down', [C]: 'down' });
      fail('RATE_LIMITED', 2000);
      expect([target.current(), target.openAt()]).toEqual([undefined, START + 2000]);
      now += 2000;
      expect(target.current()).toBe(A);
    });

    it('leaves a server in maintenance alone, and forgets a word that is too old', () => {
      target = make([A]);
      say({ [A]: 'maintenance' });
      expect([target.current(), target.openAt()]).toEqual([undefined, START + WORD_LASTS_MS]);
      now = target.openAt();
      expect(target.current()).toBe(A);
    });

    it('tries at once when the fleet is heard again after a cut of the own line', () => {
      say({ [A]: 'up', [B]: 'up', [C]: 'up' });
      now += WORD_LASTS_MS;
      for (const server of [A, B, C]) expect(fail('PEER_UNREACHABLE')).toBe(server);
      say({ [A]: 'up', [B]: 'up', [C]: 'up' });
      expect(target.current()).toBe(A);
    });

    it('knows a server in every spelling of its address, and passes over what it does not know', () => {
      say({ [`${A.toUpperCase()}/`]: 'down', 'http://nowhere': 'up', nonsense: 'up' });
      expect(target.current()).toBe(B);
    });
  });

  it('keeps what it knows of servers that stay when the list changes', () => {
    fail('PEER_UNREACHABLE');
    target.use([A, C]);
    expect(target.current()).toBe(C);
    target.use([]);
    expect([target.current(), target.openAt()]).toEqual([undefined, Infinity]);
  });

  it('tells people why', () => {
    fail('KEY_WRONG');
    say({ [B]: 'warming' });
    expect(target.view()).toMatchObject([
      { server: A, isFit: false, heard: undefined, error: { code: 'KEY_WRONG' }, openAt: START + 30_000 },
      { server: B, isFit: false, heard: 'warming', error: undefined },
      { server: C, isFit: true, heard: undefined, error: undefined },
    ]);
  });
});
