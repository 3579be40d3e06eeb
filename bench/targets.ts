import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LoadTarget } from './load.ts';

const ROOT = join(import.meta.dirname, '..');
const START_LIMIT_MS = 60_000;
const KEY = 'bench-key-0123456789abcdef';

export interface MeasuredProcess {
  readonly name: string;
  readonly pid: number;
}

/** Something that takes uploads, running. */
export interface RunningTarget extends LoadTarget {
  readonly processes: readonly MeasuredProcess[];
  /** Where its images end up, the last server's last. */
  readonly folders: readonly string[];
  stop(): Promise<void>;
}

export async function startYardstick(dir: string): Promise<RunningTarget> {
  const folder = join(dir, 'yardstick');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'yardstick.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await firstLine(child, (line) => line);
  return {
    url: `http://127.0.0.1:${port}/upload`,
    headers: {},
    processes: [{ name: 'yardstick', pid: child.pid ?? 0 }],
    folders: [folder],
    stop: () => stop(child),
  };
}

interface FleetReady {
  readonly event: string;
  readonly agents: readonly {
    readonly name: string;
    readonly url: string;
    readonly pid: number;
    readonly folder: string;
  }[];
}

/** Three agents by the product's own command; from the bundle when asked. */
export async function startFleet(dir: string, isBundle: boolean): Promise<RunningTarget> {
  const script = join(ROOT, isBundle ? 'dist/agent/imagefleet.mjs' : 'agent/bin/imagefleet.mjs');
  const basePort = String(await freeBlock(3));
  const args = [script, 'fleet', '--json', '--agents', '3', '--base-port', basePort, '--data', join(dir, 'fleet')];
  const child = spawn(process.execPath, [...args, '--key', KEY], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ready = await firstLine(child, (line) => {
    const event = JSON.parse(line) as FleetReady;
    return event.event === 'fleet.ready' ? event : undefined;
  });
  return {
    url: `${ready.agents[0]?.url ?? ''}/api/v1/images`,
    headers: { Authorization: `Bearer ${KEY}` },
    processes: ready.agents,
    folders: ready.agents.map((agent) => join(agent.folder, 'images')),
    stop: () => stop(child),
  };
}

/** The first line of output that `read` makes something of. */
async function firstLine<T>(child: ChildProcess, read: (line: string) => T | undefined): Promise<T> {
  if (child.stdout === null) throw new Error('the process has no output');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const value = read(line);
      if (value !== undefined) return value;
    }
    throw new Error(`${child.spawnargs.join(' ')} ended before it was ready`);
  } finally {
    clearTimeout(timer);
    child.stdout.resume();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** A port with `count - 1` free ones behind it, all but surely: the system gives out ports far apart. */
async function freeBlock(count: number): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return (typeof address === 'object' && address !== null ? address.port : 0) - count;
}
