import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const COMMAND = join(import.meta.dirname, '../../agent/bin/imagefleet.mjs');
const AGENTS = 3;
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 20_000;
/** Below the ports that systems give to outgoing connections, which come and go while a fleet starts. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

interface FleetAgent {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly folder: string;
}

interface SentFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** `yyyy/M/d/<uuid>`; the server's choice without it. */
  readonly id?: string;
}

interface Servers {
  readonly servers: readonly { readonly name: string; readonly state: string }[];
}

/** What `imagefleet fleet --json` says; events that are not named here have nothing for tests. */
interface Line {
  readonly event?: string;
  readonly key?: string;
  readonly agents?: readonly FleetAgent[];
}

interface Started {
  readonly dir: string;
  readonly fleet: ChildProcess;
  readonly env: NodeJS.ProcessEnv;
}

/** A real fleet of three agents, s1 to s3, with the built console, as an operator starts it. */
export class ConsoleFleet {
  readonly key: string;
  readonly agents: readonly FleetAgent[];
  readonly #dir: string;
  readonly #fleet: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #revived = new Map<number, ChildProcess>();

  private constructor({ dir, fleet, env }: Started, ready: Line) {
    this.#dir = dir;
    this.#fleet = fleet;
    this.#env = env;
    this.key = ready.key ?? '';
    this.agents = ready.agents ?? [];
  }

  /** `env`: settings of every agent, such as IMAGEFLEET_REPLICATION__AUTORETRY. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<ConsoleFleet> {
    const dir = await mkdtemp(join(tmpdir(), 'imagefleet-console-'));
    const args = [
      'fleet',
      '--agents',
      String(AGENTS),
      '--base-port',
      String(await freeBlock()),
      '--data',
      dir,
      '--json',
    ];
    const settings = { ...process.env, ...env };
    const fleet = spawn(process.execPath, [COMMAND, ...args], { env: settings, stdio: ['ignore', 'pipe', 'pipe'] });
    return new ConsoleFleet({ dir, fleet, env: settings }, await whenReady(fleet));
  }

  agent(index: number): FleetAgent {
    const agent = this.agents[index];
    if (agent === undefined) throw new Error(`the fleet has no agent ${String(index)}`);
    return agent;
  }

  /** A call of API v1 with the key, as a program makes it. */
  call(index: number, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.key}`, ...(init.headers as Record<string, string> | undefined) };
    return fetch(`${this.agent(index).url}/api/v1${path}`, { ...init, headers });
  }

  /** A link that logs in once at that agent's console. */
  async loginLink(index = 0): Promise<string> {
    const response = await this.call(index, '/session/links', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });
    const { url } = (await response.json()) as { url: string };
    return url;
  }

  /** Uploads, and waits until every server has the images. */
  async upload(index: number, files: readonly SentFile[]): Promise<void> {
    await this.#post(index, '/images?ack=all&wait=20s', files);
  }

  /** Uploads, and leaves the copies to the fleet. */
  async send(index: number, files: readonly SentFile[]): Promise<void> {
    await this.#post(index, '/images', files);
  }

  async #post(index: number, path: string, files: readonly SentFile[]): Promise<void> {
    const form = new FormData();
    for (const { name, bytes, id } of files) {
      if (id !== undefined) form.append('id', id);
      form.append('file', new Blob([new Uint8Array(bytes)]), name);
    }
    const response = await this.call(index, path, { method: 'POST', body: form });
    if (response.status !== 201) throw new Error(`upload: ${String(response.status)} ${await response.text()}`);
  }

  /** Ends one agent at once, as if its machine had lost power. */
  async kill(index: number): Promise<void> {
    process.kill(this.#revived.get(index)?.pid ?? this.agent(index).pid, 'SIGKILL');
    await this.#until(index, 'stopped', async (url) => !(await isLive(url)));
  }

  /** Starts an agent again that was killed. */
  async revive(index: number): Promise<void> {
    const config = join(this.agent(index).folder, 'agent.yaml');
    const args = [COMMAND, 'agent', '--config', config];
    this.#revived.set(index, spawn(process.execPath, args, { env: this.#env, stdio: 'ignore' }));
    await this.#until(index, 'there again', isLive);
  }

  /** Until the first agent sees that one as up. */
  async whenUp(index: number): Promise<void> {
    const { name } = this.agent(index);
    await this.#until(index, 'up', async () => {
      const { servers } = (await (await this.call(0, '/servers')).json()) as Servers;
      return servers.some((server) => server.name === name && server.state === 'up');
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.#fleet, ...this.#revived.values()].map(end));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #until(index: number, what: string, probe: (url: string) => Promise<boolean>): Promise<void> {
    const { name, url } = this.agent(index);
    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await probe(url))) {
      if (performance.now() > deadline) throw new Error(`${name} was not ${what} in time`);
      await delay(50);
    }
  }
}

async function isLive(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/live`)).ok;
  } catch {
    return false;
  }
}

async function whenReady(fleet: ChildProcess): Promise<Line> {
  const { stdout, stderr } = fleet;
  if (stdout === null || stderr === null) throw new Error('the fleet has no output');
  let said = '';
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`the fleet did not start:\n${said}`));
    stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    createInterface(stdout).on('line', (text) => {
      said += `${text}\n`;
      const line = lineOf(text);
      if (line.event === 'fleet.ready') resolve(line);
    });
    fleet.once('exit', fail);
    limit.addEventListener('abort', fail);
  });
}

function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return {};
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

/** The first of as many ports in a row as there are agents, all free a moment ago. */
async function freeBlock(): Promise<number> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const areFree = await Promise.all(Array.from({ length: AGENTS }, (_, index) => isFree(first + index)));
    if (areFree.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
