import { parseHostPort } from './host-port.ts';
import type { ServerAddress } from '../address/server-address.ts';
import { parseListenAddress } from './listen-address.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Host and port behind `http://host` or `https://host:port/…`; undefined when it is no such address. */
export function hostOfUrl(url: string): ServerAddress | undefined {
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]+)/i.exec(url) ?? [];
  return parseHostPort(authority) ?? parseHostPort(`${authority}:${String(DEFAULT_PORTS[scheme.toLowerCase()])}`);
}

/** Addresses to listen on that nobody can connect to from elsewhere. */
export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

/** The same on the own machine. */
export function reachableOf({ host, port }: ServerAddress): ServerAddress {
  if (!isAnyAddress(host)) return { host, port };
  return { host: host.includes(':') ? '::1' : '127.0.0.1', port };
}

/** Where others reach who listens there; undefined when the text does not tell. */
export function advertised(listen: string): ServerAddress | undefined {
  const address = parseListenAddress(listen);
  return address === undefined || isAnyAddress(address.host) ? undefined : address;
}
