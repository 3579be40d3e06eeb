import { Socket } from 'node:net';
import { errnoOf } from './probe-outcome.ts';

/** An address to connect to; never a name. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Whether the system gives this port to connections that go out; see `isOwnEcho`. */
  readonly isEphemeral: boolean;
}

export interface DialWatch {
  /** The other side took the connection. */
  connected(socket: Socket): void;
  /**
   * The connection did not come about, or broke; maybe more than once. `isSent` is false when the system refused the call
   * itself, before a packet left.
   */
  failed(errno: string, isSent: boolean): void;
}

/** Carries what its listeners need, so that thousands a second share them. */
class DialSocket extends Socket {
  readonly endpoint: Endpoint;
  readonly watch: DialWatch;
  isSent = false;

  constructor(endpoint: Endpoint, watch: DialWatch) {
    super();
    this.endpoint = endpoint;
    this.watch = watch;
  }
}

/** Connects, without any timer; the caller destroys the socket. Errors at any time come through `failed`. */
export function dial(endpoint: Endpoint, watch: DialWatch): Socket {
  const socket = new DialSocket(endpoint, watch);
  socket.on('connect', onConnect);
  socket.on('error', onError);
  // Whoever wants to read resumes it. Until then nothing is asked of the kernel that a mere connect does not need.
  socket.pause();
  try {
    socket.connect({ host: endpoint.address, port: endpoint.port, autoSelectFamily: false });
  } catch (error) {
    // A port above 65535, for one. It comes as other failures do: later, and never as an exception.
    process.nextTick(() => watch.failed(errnoOf(error), false));
  }
  // For an address the system's call is made in the tick before this one; a refusal of it has destroyed the socket by
  // now, while what others answer takes at least a turn of the event loop.
  process.nextTick(noteSent, socket);
  return socket;
}

function noteSent(socket: DialSocket): void {
  socket.isSent = !socket.destroyed;
}

function onConnect(this: DialSocket): void {
  if (this.endpoint.isEphemeral && isOwnEcho(this)) this.watch.failed('ECONNREFUSED', true);
  else this.watch.connected(this);
}

function onError(this: DialSocket, error: Error): void {
  this.watch.failed(errnoOf(error), this.isSent);
}

/**
 * Whether the connection leads from its own port to itself. TCP allows two ends that open at once (RFC 9293, 3.5), and so
 * a socket to a port of this machine at which nobody listens can meet itself, when the system happens to give it that
 * port. It would look like a server that came back.
 */
export function isOwnEcho(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
}
