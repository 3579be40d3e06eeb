import { readFileSync } from 'node:fs';

/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Where the system does not say, whatever is not reserved for servers. */
const UNPRIVILEGED: PortRange = { from: 1024, to: 65_535 };

/** The ports that this system gives to connections that go out (Linux: ip(7), ip_local_port_range; IPv6 has the same). */
export function readEphemeralPorts(file = '/proc/sys/net/ipv4/ip_local_port_range'): PortRange {
  try {
    const [from, to] = readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
    return from !== undefined && to !== undefined && from <= to ? { from, to } : UNPRIVILEGED;
  } catch {
    // Only Linux has it.
    return UNPRIVILEGED;
  }
}
