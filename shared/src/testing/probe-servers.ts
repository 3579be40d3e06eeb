import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A TCP server on loopback that does with each connection what it is told. */
export interface RawServer {
  readonly port: number;
  /** Connections so far, and the errors that their sockets saw. */
  readonly seen: { connections: number; readonly errors: string[]; ends: number };
  /** How many connections are open now. */
  readonly openCount: () => number;
  close(): Promise<void>;
}

export async function startRawServer(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<RawServer> {
  const seen: RawServer['seen'] = { connections: 0, errors: [], ends: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => seen.errors.push(error.code ?? error.message));
    socket.on('end', () => (seen.ends += 1));
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: portOf(server),
    seen,
    openCount: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port of loopback at which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A listener whose process is stopped (SIGSTOP): the kernel goes on taking connections for it while it has room. */
export interface StoppedServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function startStoppedServer(backlog = 511): Promise<StoppedServer> {
  const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: ${String(backlog)} },
    () => console.log(s.address().port)); process.stdin.resume().on('end', () => process.exit());`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  child.kill('SIGSTOP');
  return {
    port: Number(line),
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * A port of loopback that answers nothing at all, as behind a firewall that drops: a stopped listener whose line is full.
 * Linux then ignores the packet that opens a connection.
 */
export async function startBlackHole(): Promise<StoppedServer> {
  const server = await startStoppedServer(1);
  // One more than the backlog fits in the line.
  const waiting = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')];
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  for (const socket of waiting) socket.on('error', () => undefined);
  return {
    port: server.port,
    close: async () => {
      for (const socket of waiting) socket.destroy();
      await server.close();
    },
  };
}
