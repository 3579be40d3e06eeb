import { formatHostPort } from '../address/server-address.ts';
import { firstInt32OfBase64 } from './session-bytes.ts';
import { type ResolvableServer } from './resolvable-server.ts';

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
  return walk(sessionId, servers, 1)[0];
}

/** Every online server in the order of that walk: where the session goes when the ones before are down as well. */
export function legacyCandidates<Server extends ResolvableServer>(
  sessionId: string,
  servers: readonly Server[],
): Server[] {
  return walk(sessionId, servers, servers.length);
}

/** The answer as ASP.NET takes it. */
export function legacyConnection(server: ResolvableServer | undefined): string {
  return server === undefined ? NO_SERVER : `${NO_SERVER}${formatHostPort(server)}`;
}

function walk<Server extends ResolvableServer>(sessionId: string, servers: readonly Server[], limit: number): Server[] {
  const value = firstInt32OfBase64(sessionId);
  const met: Server[] = [];
  if (value === undefined) return met;
  // The remainder has the sign of the value, in C# as here.
  const start = Math.abs(value % servers.length);
  for (let step = 0; step < servers.length && met.length < limit; step += 1) {
    const server = servers[(start + step) % servers.length];
    if (server?.online === true) met.push(server);
  }
  return met;
}
