/** Where a server is reached. */
export interface ServerAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `host:port` as people and programs write it, IPv6 in brackets; also the key under which a server is known. */
export function formatHostPort({ host, port }: ServerAddress): string {
  return `${writtenHost(host)}:${String(port)}`;
}

/** A host as it stands before a port: IPv6 in brackets. */
export function writtenHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** The opposite of `writtenHost`. */
export function readHost(written: string): string {
  return /^\[.*:.*\]$/s.test(written) ? written.slice(1, -1) : written;
}

/** Ordinal by the host as it is written, then by port: equal lists are equal bytes, whatever order they came in. */
export function byHostThenPort(a: ServerAddress, b: ServerAddress): number {
  const [hostA, hostB] = [writtenHost(a.host), writtenHost(b.host)];
  if (hostA !== hostB) return hostA < hostB ? -1 : 1;
  return a.port - b.port;
}
