import { firstInt32OfBase64 } from './session-bytes.ts';
import type { ResolvableServer } from './server-address.ts';

/** What the old PartitionResolver answered when it had no server to name; ASP.NET then throws. */
export const NO_SERVER = 'tcpip=';

/**
 * The server that the old PartitionResolver of ASP.NET applications took for a session id, to the bit: the index is the
 * first four bytes of the decoded id, as a little-endian int32, modulo the number of all servers in the order of the
 * file, and from there it walks on to the first that is online. Undefined when none is online or the id cannot be decoded.
 *
 * For applications that must agree with old ones. With 4, 8, 12 … servers every fourth of them gets no session at all,
 * since ids of ASP.NET decode to bytes with structure in their low bits; and when a server fails, its neighbour gets its
 * whole load. `createResolver` has neither fault.
 */
export function resolveLegacy<Server extends ResolvableServer>(
  sessionId: string,
  servers: readonly Server[],
): Server | undefined {
  const value = firstInt32OfBase64(sessionId);
  if (value === undefined || servers.length === 0) return undefined;
  const start = Math.abs(value % servers.length);
  for (let step = 0; step < servers.length; step += 1) {
    const server = servers[(start + step) % servers.length];
    if (server?.online === true) return server;
  }
  return undefined;
}

/** The answer as ASP.NET takes it. The host stands as the file has it, as the old resolver did. */
export function legacyConnection(server: ResolvableServer | undefined): string {
  return server === undefined ? NO_SERVER : `${NO_SERVER}${server.host}:${String(server.port)}`;
}
