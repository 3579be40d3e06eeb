import { getSystemErrorName } from 'node:util';
import { dial, type DialWatch, type Endpoint } from './dial.ts';

/** What a probe that only connects needs of a connection. */
export interface BareConnection {
  /**
   * Ends it, or gives it up; in order (FIN), or by a reset that leaves nothing behind. Called once, also after a failure:
   * from then on it may be another one's. Nothing is told after it.
   */
  end(isOrderly: boolean): void;
}

export interface ConnectWatch {
  connected(): void;
  /** As `DialWatch.failed`. */
  failed(errno: string, isSent: boolean): void;
}

/** Begins to connect, without any timer. */
export type BareConnect = (endpoint: Endpoint, watch: ConnectWatch) => BareConnection;

/** Node's own TCP handle (lib/net.js, src/tcp_wrap.cc), as far as it is used here. */
interface TcpHandle {
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  getsockname(name: SocketName): number;
  getpeername(name: SocketName): number;
  close(): void;
  reset(): number;
}

interface ConnectRequest {
  oncomplete: (status: number) => void;
}

interface SocketName {
  address?: string;
  port?: number;
}

interface TcpBinding {
  readonly TCP: { new (kind: number): TcpHandle; readonly prototype: object };
  readonly TCPConnectWrap: new () => ConnectRequest;
  readonly constants: { readonly SOCKET: number };
}

const MAX_PORT = 65_535;
/** What is idle beyond this is left to the garbage collector. */
const MAX_IDLE = 1024;
const METHODS = ['connect', 'connect6', 'getsockname', 'getpeername', 'close', 'reset'];

/**
 * The cheapest way to connect that this Node has. A `Socket` is a stream with all that belongs to one, which costs as much
 * again as the connection; a monitor of thousands of servers needs nothing of it (ADR 0011). The handle below it is no
 * public part of Node: where it is missing, or not what it was, probes go by sockets, and only cost more.
 */
export function bareConnect(load: () => unknown = tcpBinding): BareConnect {
  const binding = load();
  if (!isTcpBinding(binding)) return (endpoint, watch) => new SocketConnection(endpoint, watch);
  const connector = new HandleConnector(binding);
  return (endpoint, watch) => connector.connect(endpoint, watch);
}

function tcpBinding(): unknown {
  try {
    const { binding } = process as { readonly binding?: (name: string) => unknown };
    return binding?.call(process, 'tcp_wrap');
  } catch {
    // Not there, or not allowed (--permission).
    return undefined;
  }
}

function isTcpBinding(binding: unknown): binding is TcpBinding {
  const { TCP, TCPConnectWrap, constants } = (binding ?? {}) as Partial<TcpBinding>;
  if (typeof TCP !== 'function' || typeof TCPConnectWrap !== 'function' || typeof constants?.SOCKET !== 'number') {
    return false;
  }
  return METHODS.every((method) => typeof (TCP.prototype as Record<string, unknown>)[method] === 'function');
}

/** Makes connections by handles; everything but the handle serves again, since thousands of them come in a second. */
class HandleConnector {
  readonly binding: TcpBinding;
  readonly #idle: HandleConnection[] = [];

  constructor(binding: TcpBinding) {
    this.binding = binding;
  }

  connect(endpoint: Endpoint, watch: ConnectWatch): BareConnection {
    const connection = this.#idle.pop() ?? new HandleConnection(this);
    connection.begin(endpoint, watch);
    return connection;
  }

  /** Takes back what neither its user nor the system knows of any more. */
  release(connection: HandleConnection): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(connection);
  }
}

class HandleConnection implements BareConnection {
  readonly #connector: HandleConnector;
  readonly #request: ConnectRequest;
  #endpoint: Endpoint | undefined;
  #watch: ConnectWatch | undefined;
  #handle: TcpHandle | undefined;
  /** The request is with the system. */
  #isPending = false;
  #isConnected = false;

  constructor(connector: HandleConnector) {
    this.#connector = connector;
    this.#request = new connector.binding.TCPConnectWrap();
    this.#request.oncomplete = (status) => this.#completed(status);
  }

  begin(endpoint: Endpoint, watch: ConnectWatch): void {
    const { TCP, constants } = this.#connector.binding;
    this.#endpoint = endpoint;
    this.#watch = watch;
    this.#isConnected = false;
    this.#handle = new TCP(constants.SOCKET);
    const refusal = this.#connect(this.#handle, endpoint);
    this.#isPending = refusal === undefined;
    if (refusal === undefined) return;
    // It comes as other failures do: later. Whoever gave it up by then does not hear of it.
    process.nextTick(() => {
      if (this.#watch === watch) watch.failed(refusal, false);
    });
  }

  end(isOrderly: boolean): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.#watch = undefined;
    // What is not connected cannot be reset; it is given up, and its request ends as cancelled.
    if (isOrderly || !this.#isConnected || handle.reset() !== 0) handle.close();
    if (!this.#isPending) this.#connector.release(this);
  }

  /** Answers why the system refused the call itself. */
  #connect(handle: TcpHandle, { address, port }: Endpoint): string | undefined {
    // The handle would take the lower 16 bits.
    if (port > MAX_PORT) return 'ERR_SOCKET_BAD_PORT';
    // It is an address and no name, so that a colon tells which one; Node's own check costs a microsecond.
    const status = address.includes(':')
      ? handle.connect6(this.#request, address, port)
      : handle.connect(this.#request, address, port);
    return status === 0 ? undefined : getSystemErrorName(status);
  }

  #completed(status: number): void {
    this.#isPending = false;
    const [watch, handle] = [this.#watch, this.#handle];
    if (watch === undefined || handle === undefined) {
      this.#connector.release(this);
    } else if (status !== 0) {
      watch.failed(getSystemErrorName(status), true);
    } else {
      this.#isConnected = true;
      if (this.#endpoint?.isEphemeral === true && isEcho(handle)) watch.failed('ECONNREFUSED', true);
      else watch.connected();
    }
  }
}

/** See `isOwnEcho`. */
function isEcho(handle: TcpHandle): boolean {
  const [own, other]: [SocketName, SocketName] = [{}, {}];
  if (handle.getsockname(own) !== 0 || handle.getpeername(other) !== 0) return false;
  return own.port === other.port && own.address === other.address;
}

/** The same by a socket. */
class SocketConnection implements BareConnection, DialWatch {
  readonly #watch: ConnectWatch;
  readonly #socket: ReturnType<typeof dial>;
  #isConnected = false;
  #isEnded = false;

  constructor(endpoint: Endpoint, watch: ConnectWatch) {
    this.#watch = watch;
    this.#socket = dial(endpoint, this);
  }

  connected(): void {
    this.#isConnected = true;
    if (!this.#isEnded) this.#watch.connected();
  }

  failed(errno: string, isSent: boolean): void {
    if (!this.#isEnded) this.#watch.failed(errno, isSent);
  }

  end(isOrderly: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (isOrderly || !this.#isConnected) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}
