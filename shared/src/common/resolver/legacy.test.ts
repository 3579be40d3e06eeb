import { describe, expect, it } from 'vitest';
import { seededRandom } from '#testing/generated-images.ts';
import { resolvableServer, resolvableServers } from '#testing/resolvable-servers.ts';
import { sessionId } from '#testing/session-ids.ts';
import { readLegacyVectors } from '#testing/vector-files.ts';
import { legacyConnection, resolveLegacy } from './legacy.ts';

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
      expect(answers.length).toBe(ids.length);
      ids.forEach((id, index) => {
        const answer = resolveLegacy(id, servers);
        expect(answer === undefined ? null : servers.indexOf(answer), `${id} ${online.join()}`).toBe(answers[index]);
      });
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

describe('legacyConnection', () => {
  it('is what ASP.NET takes', () => {
    expect(legacyConnection(resolvableServer())).toBe('tcpip=state1:42424');
    expect(legacyConnection(resolvableServer({ host: '::1' }))).toBe('tcpip=::1:42424');
    expect(legacyConnection(undefined)).toBe('tcpip=');
  });
});
