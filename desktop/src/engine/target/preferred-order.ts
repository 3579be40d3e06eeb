import { readHost, type ServerAddress } from '@imagefleet/shared/common/address/server-address.ts';
import { addressKey } from '@imagefleet/shared/common/health/reach.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';

const DEFAULT_PORT: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * The servers in the order in which one machine prefers them: always the same for one key, evenly spread over all machines,
 * and the same as the resolver of the web servers would say. An address that is listed twice counts once, one that
 * cannot be read not at all.
 */
export function preferredOrder(servers: readonly string[], machineKey: string): readonly string[] {
  const known = servers.flatMap((server) => {
    const address = addressOf(server);
    return address === undefined ? [] : [{ ...address, server, online: true, weight: 1 }];
  });
  return createResolver(known)
    .resolve(machineKey)
    .map(({ server }) => server);
}

/** The same for every spelling of a server's address; undefined for what is none. */
export function serverKey(server: string): string | undefined {
  const address = addressOf(server);
  return address && addressKey(address);
}

/** Where a server is reached, by the start of its address; undefined for what is none. */
export function addressOf(server: string): ServerAddress | undefined {
  const url = URL.parse(server.trim());
  const defaultPort = url === null ? undefined : DEFAULT_PORT[url.protocol];
  if (url === null || defaultPort === undefined) return undefined;
  return { host: readHost(url.hostname), port: url.port === '' ? defaultPort : Number(url.port) };
}
