import { createHash } from 'node:crypto';
import { readHost, type ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { withoutSlash } from '@imagefleet/shared/common/address/without-slash.ts';
import { addressKey } from '@imagefleet/shared/common/health/reach.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * The servers in the order in which one machine prefers them: always the same for one key, evenly spread over all machines,
 * and the same as the resolver of the web servers would say. An address that is listed twice counts once, one that
 * cannot be read not at all.
 */
export function preferredOrder(servers: readonly string[], machineKey: string): readonly string[] {
  const byKey = new Map<string, string>();
  for (const server of servers) {
    const key = serverKey(server);
    if (key !== undefined && !byKey.has(key)) byKey.set(key, server);
  }
  const known = [...byKey.values()].flatMap((server) => {
    const address = addressOf(server);
    return address === undefined ? [] : [{ ...address, server, online: true, weight: 1 }];
  });
  const atAddress = new Map<string, string[]>();
  for (const { server, ...address } of known) {
    const place = addressKey(address);
    atAddress.set(place, [...(atAddress.get(place) ?? []), server]);
  }
  return createResolver(known)
    .resolve(machineKey)
    .flatMap((address) => sharedOrder(atAddress.get(addressKey(address)) ?? [], machineKey));
}

/** Servers behind one address, told apart by their paths alone, which the resolver does not know. */
function sharedOrder(servers: readonly string[], machineKey: string): readonly string[] {
  if (servers.length < 2) return servers;
  const named = servers.map((server) => {
    const host = createHash('sha256')
      .update(serverKey(server) ?? server)
      .digest('hex');
    return { host, port: 1, server, online: true, weight: 1 };
  });
  return createResolver(named)
    .resolve(machineKey)
    .map(({ server }) => server);
}

/** The same for every spelling of the start of a server's address, its path with it; undefined for what is none. */
export function serverKey(server: string): string | undefined {
  const address = addressOf(server);
  const url = URL.parse(server.trim());
  if (address === undefined || url === null) return undefined;
  return `${url.protocol}//${addressKey(address).replace(' ', ':')}${withoutSlash(url.pathname)}`;
}

/** Where a server is reached, by the start of its address; undefined for what is none. */
export function addressOf(server: string): ServerAddress | undefined {
  const url = URL.parse(server.trim());
  const defaultPort = url === null ? undefined : DEFAULT_PORT[url.protocol];
  if (url === null || defaultPort === undefined) return undefined;
  return { host: readHost(url.hostname), port: url.port === '' ? defaultPort : Number(url.port) };
}
