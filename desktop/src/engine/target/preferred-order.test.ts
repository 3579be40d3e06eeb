import { describe, expect, it } from 'vitest';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { preferredOrder, serverKey } from './preferred-order.ts';

const SERVERS = ['http://10.0.0.1:7401', 'http://10.0.0.2:7401', 'http://10.0.0.3:7401', 'http://10.0.0.4:7401'];

describe('the order in which a machine prefers servers', () => {
  it('is that of the resolver, whatever order they are listed in', () => {
    const hosts = SERVERS.map((server) => ({ host: new URL(server).hostname, port: 7401, online: true, weight: 1 }));
    const expected = createResolver(hosts)
      .resolve('machine-7')
      .map(({ host }) => `http://${host}:7401`);
    expect(preferredOrder(SERVERS, 'machine-7')).toEqual(expected);
    expect(preferredOrder(SERVERS.toReversed(), 'machine-7')).toEqual(expected);
  });

  it('differs between machines, so that all servers get their share', () => {
    const firsts = new Map<string, number>();
    for (let machine = 0; machine < 400; machine += 1) {
      const [first = ''] = preferredOrder(SERVERS, `machine-${String(machine)}`);
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    expect([...firsts.keys()].sort()).toEqual(SERVERS);
    for (const share of firsts.values()) expect(share).toBeGreaterThan(60);
  });

  it('keeps the order of the others when one goes', () => {
    const [first, ...others] = preferredOrder(SERVERS, 'm');
    expect(
      preferredOrder(
        SERVERS.filter((server) => server !== first),
        'm',
      ),
    ).toEqual(others);
  });

  it('has each address once, as it was written first, and nothing that is none', () => {
    expect(preferredOrder(['http://a:80', 'http://a/', ' ', 'ftp://b', 'b:7401'], 'm')).toEqual(['http://a:80']);
    expect(serverKey('http://a')).toBe(serverKey(' http://A:80/ '));
    expect(serverKey('https://[::1]')).toBe(serverKey('https://[::1]:443'));
    expect(serverKey('https://a')).not.toBe(serverKey('http://a'));
    expect(serverKey('http://user:word@a')).toBe(serverKey('http://a'));
    expect(serverKey('nonsense')).toBeUndefined();
  });

  it('tells servers apart that share an address, and spreads machines over them too', () => {
    const shared = ['https://i.example.com/one/', 'https://i.example.com/two', 'http://i.example.com:443/two'];
    expect(new Set(shared.map(serverKey)).size).toBe(3);
    expect(serverKey('https://I.example.com/one')).toBe(serverKey('https://i.example.com:443/one/'));
    expect([...preferredOrder([...shared, 'https://i.example.com/one'], 'm')].sort()).toEqual([...shared].sort());
    const firsts = new Set(
      Array.from({ length: 50 }, (_, machine) => preferredOrder(shared, `machine-${String(machine)}`)[0]),
    );
    expect(firsts.size).toBe(3);
  });
});
