import { formatHostPort } from '../address/server-address.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#testing/generated-images.ts';
import { resolvableServer, resolvableServers } from '#testing/resolvable-servers.ts';
import { sessionId } from '#testing/session-ids.ts';
import { readRendezvousVectors } from '#testing/vector-files.ts';
import { createResolver } from './rendezvous.ts';

const servers = fc.uniqueArray(
  fc.record({
    host: fc.stringMatching(/^[a-z]{1,3}$/),
    port: fc.integer({ min: 1, max: 3 }),
    online: fc.boolean(),
    weight: fc.constantFrom(1, 1, 1, 0.5, 2, 3.25),
  }),
  { selector: formatHostPort, maxLength: 45 },
);
const keys = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 });

function sessions(count: number, seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => sessionId(random));
}

describe('createResolver', () => {
  it('answers the golden vectors', () => {
    const { keys: vectorKeys, sets } = readRendezvousVectors();
    expect(sets.length).toBeGreaterThan(15);
    for (const { name, servers: all, answers } of sets) {
      const resolver = createResolver(all);
      const addresses = all.map(formatHostPort);
      const answered = vectorKeys.map(({ key }) =>
        resolver.resolve(key).map((server) => addresses.indexOf(formatHostPort(server))),
      );
      expect(answered, name).toEqual(answers);
    }
  });

  it('lists every online server once, the first of them first, whatever the order of the file', () => {
    fc.assert(
      fc.property(servers, keys, fc.integer(), (all, texts, seed) => {
        const random = seededRandom(seed);
        const shuffled = all.map((server) => ({ server, at: random() })).sort((a, b) => a.at - b.at);
        const resolver = createResolver(all);
        const other = createResolver(shuffled.map(({ server }) => server));
        for (const key of texts) {
          const candidates = resolver.resolve(key);
          expect(candidates.map(formatHostPort).sort()).toEqual(
            all
              .filter(({ online }) => online)
              .map(formatHostPort)
              .sort(),
          );
          expect(resolver.first(key)).toBe(candidates[0]);
          expect(other.resolve(key)).toEqual(candidates);
        }
      }),
    );
  });

  it('takes servers that go out of the list and leaves the rest in its order', () => {
    fc.assert(
      fc.property(servers, keys, fc.func(fc.boolean()), (all, texts, stays) => {
        const before = createResolver(all);
        const after = createResolver(all.map((server) => ({ ...server, online: server.online && stays(server.host) })));
        for (const key of texts) {
          const kept = before.resolve(key).filter((server) => stays(server.host));
          expect(after.resolve(key)).toEqual(kept);
        }
      }),
    );
  });

  it('names nobody when nobody is online', () => {
    const resolver = createResolver(resolvableServers(3, () => ({ online: false })));
    expect(resolver.resolve('key')).toEqual([]);
    expect(resolver.first('key')).toBeUndefined();
    expect(createResolver([]).first('key')).toBeUndefined();
  });

  it('counts an address that is listed twice once', () => {
    const twice = [resolvableServer(), resolvableServer({ host: 'state2' }), resolvableServer()];
    expect(createResolver(twice).resolve('key').length).toBe(2);
  });

  it('gives its answers away: changing one changes no other', () => {
    const resolver = createResolver(resolvableServers(3));
    const first = resolver.resolve('key');
    first.reverse();
    expect(resolver.resolve('key')).toEqual(first.toReversed());
  });

  it('orders two servers of ten thousand as it does alone', () => {
    const many = createResolver(resolvableServers(10_000));
    const two = createResolver(resolvableServers(10_000, (index) => ({ online: index === 77 || index === 7777 })));
    for (const key of sessions(50, 1)) {
      const order = many.resolve(key);
      expect(order.length).toBe(10_000);
      expect(order.filter(({ host }) => host === 'state78' || host === 'state7778')).toEqual(two.resolve(key));
    }
  });
});

describe('when servers come and go', () => {
  const before = createResolver(resolvableServers(10));
  const sample = sessions(20_000, 2);

  it('only the keys of the servers that are down move', () => {
    for (const down of [[0], [3, 4], [1, 5, 9]]) {
      const after = createResolver(resolvableServers(10, (index) => ({ online: !down.includes(index) })));
      const names = down.map((index) => `state${String(index + 1)}`);
      const homes = sample.map((key) => before.first(key)?.host ?? '');
      const moved = sample.map((key) => after.first(key)?.host ?? '').filter((now, index) => now !== homes[index]);
      const orphans = homes.filter((home) => names.includes(home));
      // As many as lost their server, and none of them went to one that is down: so nobody else moved.
      expect(moved.length).toBe(orphans.length);
      expect(moved.filter((now) => names.includes(now))).toEqual([]);
      expect(moved.length / sample.length).toBeCloseTo(down.length / 10, 1);
    }
  });

  it('a new server takes keys from all, and nothing else moves', () => {
    const after = createResolver(resolvableServers(11));
    const moved = sample.filter((key) => after.first(key)?.host !== before.first(key)?.host);
    expect(new Set(moved.map((key) => after.first(key)?.host))).toEqual(new Set(['state11']));
    expect(new Set(moved.map((key) => before.first(key)?.host)).size).toBe(10);
    expect(moved.length / sample.length).toBeCloseTo(1 / 11, 2);
  });
});
