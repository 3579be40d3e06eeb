import { z } from 'zod';
import type { ServerAddress } from '../address/server-address.ts';
import { canonicalIpv6 } from '../address/ipv6-text.ts';
import { parseListenAddress } from './listen-address.ts';

const IPV4 = z.ipv4();
const IPV6 = z.ipv6();
/** Names as DNS and hosts files have them, in every script. */
const NAME = /^(?=.{1,253}$)[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}_])?\.?$/u;

/**
 * Reads where something is reached: `host:port`, `[IPv6]:port`, with a port from 1 on. Undefined when it is none of
 * these, or digits and dots that are no address. IPv6 comes in its one spelling, so that one server is not two.
 */
export function parseHostPort(text: string): ServerAddress | undefined {
  const address = parseListenAddress(text);
  if (address === undefined || address.port === 0 || text.startsWith('[') !== address.host.includes(':'))
    return undefined;
  if (!isHost(address.host)) return undefined;
  return address.host.includes(':') ? { ...address, host: canonicalIpv6(address.host) } : address;
}

function isHost(host: string): boolean {
  if (host.includes(':')) return IPV6.safeParse(host).success;
  if (/^[\d.]+$/.test(host)) return IPV4.safeParse(host).success;
  return NAME.test(host) && !host.includes('..');
}
