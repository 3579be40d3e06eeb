import { describe, expect, it } from 'vitest';
import { seededRandom } from '#testing/generated-images.ts';
import { resolvableServers } from '#testing/resolvable-servers.ts';
import { sessionId } from '#testing/session-ids.ts';
import { createResolver } from './rendezvous.ts';

const KEYS = 60_000;
/** Standard deviations at which a sample of even shares would fail: one in ten million. The seeds are fixed on top. */
const Z = 5.2;
const COUNTS = Array.from({ length: 19 }, (_, index) => index + 2);

function makeKeys(make: (random: () => number, index: number) => string, seed: number): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: KEYS }, (_, index) => make(random, index));
}

const SETS: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ['session ids of ASP.NET', makeKeys(sessionId, 1)],
  [
    'random keys',
    makeKeys((random) => Buffer.from(Array.from({ length: 12 }, () => random() * 256)).toString('hex'), 2),
  ],
  ['keys that count up', makeKeys((_, index) => `user-${String(index)}`, 3)],
];

/** The value of chi-square that even shares exceed with the probability of Z (Wilson and Hilferty 1931). */
function chiSquareLimit(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + Z * Math.sqrt(spread)) ** 3;
}

function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function tally(hosts: readonly string[], keys: readonly string[], pick: (key: string) => string | undefined) {
  const counts = new Map(hosts.map((host) => [host, 0]));
  for (const key of keys) {
    const host = pick(key) ?? '';
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return hosts.map((host) => counts.get(host) ?? 0);
}

describe.each(SETS)('%s', (_, keys) => {
  it.each(COUNTS)('are spread evenly over %i servers', (count) => {
    const servers = resolvableServers(count);
    const resolver = createResolver(servers);
    const hosts = servers.map(({ host }) => host);
    const counts = tally(hosts, keys, (key) => resolver.first(key)?.host);
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(count - 1));
  });

  it.each([3, 4, 5, 8, 20])('of a failed one of %i servers are spread evenly over the others', (count) => {
    const servers = resolvableServers(count);
    const resolver = createResolver(servers);
    const orphans = keys.filter((key) => resolver.first(key)?.host === 'state1');
    const hosts = servers.slice(1).map(({ host }) => host);
    const counts = tally(hosts, orphans, (key) => resolver.resolve(key)[1]?.host);
    expect(chiSquare(counts)).toBeLessThan(chiSquareLimit(count - 2));
  });
});

describe('weights', () => {
  it.each([[[1, 2, 3]], [[1, 1, 1, 2, 5]], [[0.5, 0.5, 1, 1.25]]])(
    '%j are the shares, within one percent',
    (weights) => {
      const servers = resolvableServers(weights.length, (index) => ({ weight: weights[index] ?? 1 }));
      const resolver = createResolver(servers);
      const hosts = servers.map(({ host }) => host);
      const keys = Array.from({ length: 1_000_000 }, (_, index) => index.toString(36));
      const counts = tally(hosts, keys, (key) => resolver.first(key)?.host);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      weights.forEach((weight, index) => {
        expect(Math.abs(((counts[index] ?? 0) / keys.length) * (sum / weight) - 1)).toBeLessThan(0.01);
      });
    },
  );

  it('do not matter while they are all alike', () => {
    const plain = createResolver(resolvableServers(5));
    const heavy = createResolver(resolvableServers(5, () => ({ weight: 2.5 })));
    for (const key of SETS[0]?.[1].slice(0, 1000) ?? []) {
      expect(heavy.resolve(key).map(({ host }) => host)).toEqual(plain.resolve(key).map(({ host }) => host));
    }
  });

  it('that rise take keys from others and give none away', () => {
    const before = createResolver(resolvableServers(5, (index) => ({ weight: 1 + index })));
    const after = createResolver(resolvableServers(5, (index) => ({ weight: index === 2 ? 6 : 1 + index })));
    const moved = SETS.flatMap(([, keys]) => keys).filter((key) => after.first(key)?.host !== before.first(key)?.host);
    expect(moved.length).toBeGreaterThan(1000);
    expect(new Set(moved.map((key) => after.first(key)?.host))).toEqual(new Set(['state3']));
  });
});
