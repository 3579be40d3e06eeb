import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Below the ports that the system gives to connections, as those of real servers are. */
const PORTS_FROM = 10_000;
const PORTS_TO = 30_000;
const PORT_TRIES = 20;
const LISTENERS = 2;
const PORTS_EACH = 5;

export interface BenchTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Listening processes of the bench itself, whose cost is not measured. */
export interface BenchListeners {
  readonly ports: readonly number[];
  /** A port of a process that takes no connection, with a full line: Linux drops whatever wants to connect to it. */
  readonly deadPort: number;
  stop(): Promise<void>;
}

/**
 * Each listens on all addresses, so that one of them is a target under every address of 127.0.0.0/8. It looks for connections
 * every millisecond in place of waiting for them: to wake a process on the same machine is work that the kernel puts on the
 * account of whoever connects, and that nobody has who probes other machines. libuv takes one connection of each port
 * every time it looks, so that it must look more often than a port is probed.
 */
const LISTENER = `
const { createServer } = require('node:net');
const [first, count, backlog] = process.argv.slice(1).map(Number);
for (let port = first; port < first + count; port += 1) {
  createServer((socket) => socket.on('error', () => undefined).on('end', () => socket.end()).resume())
    .listen({ port, host: '0.0.0.0', backlog }, () => console.log(port));
}
process.stdin.resume().on('end', () => process.exit());
const cell = new Int32Array(new SharedArrayBuffer(4));
const look = () => {
  Atomics.wait(cell, 0, 0, 1);
  setImmediate(look);
};
look();
`;

/** Listens and never takes a connection, for as long as the bench lives. */
const DEAF_LISTENER = `
const bench = process.ppid;
require('node:net').createServer().listen({ port: Number(process.argv[1]), host: '0.0.0.0', backlog: 1 }, () => {
  console.log('ready');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (process.ppid === bench) Atomics.wait(cell, 0, 0, 500);
  process.exit();
});
`;

export async function startListeners(): Promise<BenchListeners> {
  const firstPort = await freeBlock(LISTENERS * PORTS_EACH + 1);
  const ports = Array.from({ length: LISTENERS * PORTS_EACH }, (_, index) => firstPort + index);
  const deadPort = firstPort + ports.length;
  const children: ChildProcess[] = [];
  for (let index = 0; index < ports.length; index += PORTS_EACH) {
    const args = [LISTENER, String(firstPort + index), String(PORTS_EACH), '4096'];
    children.push(await startListener(args, PORTS_EACH));
  }
  children.push(await startListener([DEAF_LISTENER, String(deadPort)], 1));
  const line = await fillLine(deadPort);
  const stop = async (): Promise<void> => {
    for (const socket of line) socket.destroy();
    for (const child of children) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  };
  return { ports, deadPort, stop };
}

/** Waits for as many lines as it prints when it listens. */
async function startListener([script = '', ...args]: readonly string[], lineCount: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let ready = 0;
  for await (const _line of createInterface({ input: child.stdout })) {
    ready += 1;
    if (ready === lineCount) return child;
  }
  throw new Error('a listener ended before it listened');
}

/** The first of `count` ports in a row at which nobody listens. */
async function freeBlock(count: number): Promise<number> {
  for (let round = 0; round < PORT_TRIES; round += 1) {
    const first = PORTS_FROM + Math.floor(Math.random() * (PORTS_TO - PORTS_FROM - count));
    const isFree = await Promise.all(Array.from({ length: count }, (_, index) => isPortFree(first + index)));
    if (isFree.every(Boolean)) return first;
  }
  throw new Error(`no ${String(count)} free ports in a row were found`);
}

async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  const isFree = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
  return isFree;
}

/** One more than the backlog fits. */
async function fillLine(port: number): Promise<readonly Socket[]> {
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.on('error', () => undefined);
  return sockets;
}

/** Spread over addresses and ports; every n-th lies in the black hole, until there are `dead` of them. */
export function targetsOf(count: number, dead: number, { ports, deadPort }: BenchListeners): readonly BenchTarget[] {
  const everyNth = dead === 0 ? Infinity : Math.floor(count / dead);
  return Array.from({ length: count }, (_, index) => {
    const host = `127.1.${String(Math.floor(index / 250))}.${String((index % 250) + 1)}`;
    const isDead = index % everyNth === 0 && index / everyNth < dead;
    const port = isDead ? deadPort : (ports[index % ports.length] ?? 0);
    return { name: `t${String(index)}`, host, port };
  });
}
