import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import type { ListenAddress } from '@imagefleet/shared/common/config/listen-address.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 20_000,
  // A thousand photographs over a slow line take longer than any fixed time; a connection that stands still is cut below.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const;
const IDLE_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 4_000;
const MAX_HEADERS = 200;
const STOP_LIMIT_MS = 15_000;
const STOP_POLL_MS = 100;

export interface HttpServerDeps {
  readonly listener: RequestListener;
  readonly logger: Logger;
  /** How long a stop waits for running requests. */
  readonly stopLimitMs?: number;
  /** How long a connection may stand still, except while we work on its answer. */
  readonly idleTimeoutMs?: number;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The HTTP listener: limits on everything a client can do to a connection, and a stop that lets requests finish. */
export class HttpServer {
  readonly #listener: RequestListener;
  readonly #logger: Logger;
  readonly #stopLimitMs: number;
  readonly #idleTimeoutMs: number;
  readonly #running = new WeakMap<Socket, Exchange>();
  #server: Server | undefined;

  constructor(deps: HttpServerDeps) {
    this.#listener = deps.listener;
    this.#logger = deps.logger;
    this.#stopLimitMs = deps.stopLimitMs ?? STOP_LIMIT_MS;
    this.#idleTimeoutMs = deps.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  }

  /** Resolves when connections are taken; throws PORT_IN_USE, and CFG_INVALID when the address cannot be used. */
  async start(address: ListenAddress): Promise<{ readonly port: number }> {
    const server = createServer(LIMITS, (request, response) => {
      this.#running.set(request.socket, { request, response });
      this.#listener(request, response);
    });
    server.setTimeout(this.#idleTimeoutMs, (socket) => {
      this.#onIdle(socket);
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.maxHeadersCount = MAX_HEADERS;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        reject(listenFailed(address, cause));
      });
      server.listen(address.port, address.host, resolve);
    });
    server.on('error', (error) => {
      this.#logger.error('http.listenerFailed', { error });
    });
    const { port } = server.address() as AddressInfo;
    this.#logger.info('http.listening', { host: address.host, port });
    return { port };
  }

  /** Waiting for copies or for a replay is silent and has limits of its own; a client that stopped sending or reading has not. */
  #onIdle(socket: Socket): void {
    const exchange = this.#running.get(socket);
    const isOurTurn = exchange !== undefined && exchange.request.complete && !exchange.response.headersSent;
    if (isOurTurn) socket.setTimeout(this.#idleTimeoutMs);
    else socket.destroy();
  }

  /** Takes no more connections, lets the running requests finish within the limit, then cuts. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) =>
      server.close(() => {
        resolve();
      }),
    );
    // Keep-alive connections become idle one by one while their last requests finish.
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, STOP_POLL_MS);
    const cut = setTimeout(() => {
      this.#logger.warn('http.cut', { afterMs: this.#stopLimitMs });
      server.closeAllConnections();
    }, this.#stopLimitMs);
    server.closeIdleConnections();
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }
}

function listenFailed(address: ListenAddress, cause: NodeJS.ErrnoException): FleetError {
  const message = `Cannot listen on ${formatHostPort(address)}: ${cause.code ?? cause.message}.`;
  if (cause.code === 'EADDRINUSE') return new FleetError('PORT_IN_USE', message, { cause });
  const hint = 'Set "listen" in the configuration to an address of this machine, and a port that this program may use.';
  return new FleetError('CFG_INVALID', message, { cause, hint });
}
