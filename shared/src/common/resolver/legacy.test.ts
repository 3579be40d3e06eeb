import { describe, expect, it } from 'vitest';
import { seededRandom } from '#testing/generated-images.ts';
import { resolvableServer, resolvableServers } from '#testing/resolvable-servers.ts';
import { sessionId } from '#testing/session-ids.ts';
import { readLegacyVectors } from '#testing/vector-files.ts';
import { legacyCandidates, legacyConnection, resolveLegacy } from './legacy.ts';

describe('resolveLegacy', () => {
  const { ids, cases } = readLegacyVectors();

  it('has vectors for every set of up to eight servers', () => {
    expect(cases.length).toBe(2 ** 9 - 1);
    expect(new Set(cases.map(({ online }) => online.join())).size).toBe(cases.length);
    expect(ids.length).toBeGreaterThan(100);
  });

  it('answers what a C# program after the description answers', () => {
    for (const { online, answers } of cases) {
      const servers = resolvableServers(online.length, (index) => ({ online: online[index] === true }));
      const answered = ids.map((id) => {
        const answer = resolveLegacy(id, servers);
        return answer === undefined ? null : servers.indexOf(answer);
      });
      expect(answered, online.join()).toEqual(answers);
    }
  });

  it('leaves every fourth server empty when their number is a multiple of four, as it always did', () => {
    const random = seededRandom(5);
    for (const count of [4, 8, 12]) {
      const servers = resolvableServers(count);
      const used = new Set(Array.from({ length: 2000 }, () => resolveLegacy(sessionId(random), servers)?.host));
      const empty = servers.map(({ host }) => host).filter((host) => !used.has(host));
      expect(empty).toEqual(servers.filter((_, index) => index % 4 === 0).map(({ host }) => host));
    }
  });

  it('ends with thousands of servers of which none is online', () => {
    const servers = resolvableServers(10_000, () => ({ online: false }));
    expect(resolveLegacy('abcdefghijklmnopqrstuvwx', servers)).toBeUndefined();
  });
});

describe('legacyCandidates', () => {
  const id = 'AQAAAKWlpaWlpaWlpaWlpaWl';

  it('are the servers a session moves on to when the ones before are down', () => {
    let servers = resolvableServers(5, (index) => ({ online: index !== 2 }));
    const order = legacyCandidates(id, servers).map(({ host }) => host);
    expect(order).toEqual(['state2', 'state4', 'state5', 'state1']);
    for (const host of order) {
      expect(resolveLegacy(id, servers)?.host).toBe(host);
      servers = servers.map((server) => (server.host === host ? { ...server, online: false } : server));
    }
    expect(legacyCandidates(id, servers)).toEqual([]);
  });

  it('are none for what is no session id', () => {
    expect(legacyCandidates('no id', resolvableServers(3))).toEqual([]);
    expect(legacyCandidates(id, [])).toEqual([]);
  });
});

describe('legacyConnection', () => {
  it('is what ASP.NET takes', () => {
    expect(legacyConnection(resolvableServer())).toBe('tcpip=state1:42424');
    expect(legacyConnection(resolvableServer({ host: '::1' }))).toBe('tcpip=[::1]:42424');
    expect(legacyConnection(undefined)).toBe('tcpip=');
  });
});
