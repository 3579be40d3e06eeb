import { lookup } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { isLoopbackHost } from '#common/config/listen-address.ts';

const LOOKUP_LIMIT_MS = 1000;
/** Names that are looked up; a larger list has addresses. */
const MAX_NAMES = 500;

/**
 * Which of these hosts are this very machine: by loopback, by an address of an own interface, or by a name that leads to
 * one. What is reached without a network proves nothing about it. A name that is not resolved in time counts as elsewhere.
 */
export async function ownHosts(hosts: readonly string[]): Promise<ReadonlySet<string>> {
  const own = ownAddresses();
  const isOwn = (host: string): boolean => isLoopbackHost(host) || own.has(plain(host));
  const found = new Set(hosts.filter(isOwn));
  const names = [...new Set(hosts)].filter((host) => isIP(plain(host)) === 0 && !found.has(host)).slice(0, MAX_NAMES);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LOOKUP_LIMIT_MS);
  });
  const all = Promise.all(
    names.map(async (name) => {
      // Whether it can be resolved is the probes' business.
      const addresses = await lookup(name, { all: true }).catch(() => []);
      if (addresses.some(({ address }) => isOwn(address))) found.add(name);
    }),
  );
  await Promise.race([all, late]);
  clearTimeout(timer);
  return new Set(found);
}

function ownAddresses(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set([hostname().toLowerCase(), ...addresses.map(({ address }) => plain(address))]);
}

/** Without brackets and zone. */
function plain(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
}
