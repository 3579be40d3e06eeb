import { parseHostPort } from './host-port.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Host and port behind `http://host` or `https://host:port/…`; undefined when it is no such address. */
export function hostOfUrl(url: string): ListenAddress | undefined {
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]+)/i.exec(url) ?? [];
  return parseHostPort(authority) ?? parseHostPort(`${authority}:${String(DEFAULT_PORTS[scheme.toLowerCase()])}`);
}

/** Addresses to listen on that nobody can connect to from elsewhere. */
export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

/** The same on the own machine. */
export function reachableOf({ host, port }: ListenAddress): ListenAddress {
  if (!isAnyAddress(host)) return { host, port };
  return { host: host.includes(':') ? '::1' : '127.0.0.1', port };
}

/** Where others reach who listens there; undefined when the text does not tell. */
export function advertised(listen: string): ListenAddress | undefined {
  const address = parseListenAddress(listen);
  return address === undefined || isAnyAddress(address.host) ? undefined : address;
}
