import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Below the ports that the system gives to connections, as those of real servers are. */
const FIRST_PORT = 21_000;
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
  /** A port of a stopped process with a full line: Linux drops whatever wants to connect to it. */
  readonly deadPort: number;
  stop(): Promise<void>;
}

/**
 * Each listens on all addresses, so that one of them is a target under every address of 127.0.0.0/8. It looks for connections
 * every few milliseconds in place of waiting for them: to wake a process on the same machine is work that the kernel puts
 * on the account of whoever connects, and that nobody has who probes other machines.
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
// Node takes one connection of each port in a turn of its loop, so there are many turns in a look.
let turns = 0;
const look = () => {
  turns += 1;
  if (turns % 64 === 0) Atomics.wait(cell, 0, 0, 5);
  setImmediate(look);
};
look();
`;

export async function startListeners(): Promise<BenchListeners> {
  const children: ChildProcess[] = [];
  const start = async (firstPort: number, count: number, backlog: number): Promise<ChildProcess> => {
    const args = ['-e', LISTENER, String(firstPort), String(count), String(backlog)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    let ready = 0;
    for await (const _line of createInterface({ input: child.stdout })) {
      ready += 1;
      if (ready === count) return child;
    }
    throw new Error(`ports from ${String(firstPort)} on are not free`);
  };
  for (let index = 0; index < LISTENERS; index += 1) await start(FIRST_PORT + index * PORTS_EACH, PORTS_EACH, 4096);
  const deadPort = FIRST_PORT + LISTENERS * PORTS_EACH;
  const stopped = await start(deadPort, 1, 1);
  stopped.kill('SIGSTOP');
  const line = await fillLine(deadPort);
  return {
    ports: Array.from({ length: LISTENERS * PORTS_EACH }, (_, index) => FIRST_PORT + index),
    deadPort,
    stop: async () => {
      for (const socket of line) socket.destroy();
      for (const child of children) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
    },
  };
}

/** One more than the backlog fits. */
async function fillLine(port: number): Promise<readonly Socket[]> {
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.on('error', () => undefined);
  return sockets;
}

/** Spread over addresses and ports; every fifth of `dead` in a row lies in the black hole, until there are enough. */
export function targetsOf(count: number, dead: number, { ports, deadPort }: BenchListeners): readonly BenchTarget[] {
  const everyNth = dead === 0 ? Infinity : Math.floor(count / dead);
  return Array.from({ length: count }, (_, index) => {
    const host = `127.1.${String(Math.floor(index / 250))}.${String((index % 250) + 1)}`;
    const isDead = index % everyNth === 0 && index / everyNth < dead;
    const port = isDead ? deadPort : (ports[index % ports.length] ?? 0);
    return { name: `t${String(index)}`, host, port };
  });
}
