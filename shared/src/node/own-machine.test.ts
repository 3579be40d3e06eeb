import { hostname, networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { ownHosts } from './own-machine.ts';

it('knows loopback, its interfaces and its names as its own, and nobody else', async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = ['localhost', '127.0.0.9', '::1', hostname(), ...addresses.map(({ address }) => address)];
  const elsewhere = ['192.0.2.1', '2001:db8::1', 'no-such-host.invalid'];
  expect([...(await ownHosts([...own, ...elsewhere]))].sort()).toEqual([...new Set(own)].sort());
});
