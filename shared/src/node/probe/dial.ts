import { Socket } from 'node:net';
import { errnoOf } from './probe-outcome.ts';

/** Below it a port is given to nobody who connects, so that no connection can begin there. */
const FIRST_EPHEMERAL_PORT = 1024;

/** An address to connect to; never a name. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface DialWatch {
  /** The other side took the connection. */
  readonly connected: (socket: Socket) => void;
  /**
   * The connection did not come about, or broke; maybe more than once. `isSent` is false when the system refused the call
   * itself, before a packet left.
   */
  readonly failed: (errno: string, isSent: boolean) => void;
}

/** Connects, without any timer; the caller destroys the socket. Errors at any time come through `failed`. */
export function dial({ address, port }: Endpoint, watch: DialWatch): Socket {
  const socket = new Socket();
  let isSent = false;
  socket.on('connect', () => {
    if (isOwnEcho(socket, port)) watch.failed('ECONNREFUSED', true);
    else watch.connected(socket);
  });
  socket.on('error', (error) => watch.failed(errnoOf(error), isSent));
  // Whoever wants to read resumes it. Until then nothing is asked of the kernel that a mere connect does not need.
  socket.pause();
  socket.connect({ host: address, port, autoSelectFamily: false });
  // For an address the system's call is made in the tick before this one; a refusal of it has destroyed the socket by
  // now, while what others answer takes at least a turn of the event loop.
  process.nextTick(() => {
    isSent = !socket.destroyed;
  });
  return socket;
}

/**
 * Whether the connection leads from its own port to itself. TCP allows two ends that open at once (RFC 9293, 3.5), and so
 * a socket to a port of this machine at which nobody listens can meet itself, when the system happens to give it that
 * port. It would look like a server that came back.
 */
export function isOwnEcho(socket: Socket, port: number): boolean {
  if (port < FIRST_EPHEMERAL_PORT || socket.localPort !== port) return false;
  return socket.localAddress === socket.remoteAddress;
}
