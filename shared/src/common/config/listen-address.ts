/** Where a server listens. */
export interface ListenAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

const PATTERN = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([^:\s[\]/@]+)):(\d{1,5})$/;
const MAX_PORT = 65_535;

/** Reads `host:port` or `[IPv6]:port`; undefined when it is neither, or the port is none. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = PATTERN.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > MAX_PORT ? undefined : { host, port };
}

/** Whether only this machine can reach the host. A name other than localhost may lead anywhere, so it counts as public. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (plain === 'localhost' || plain === '::1' || plain === '0:0:0:0:0:0:0:1') return true;
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(plain);
}
