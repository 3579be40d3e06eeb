import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';

export const COMMAND = join(import.meta.dirname, '../../bin/imagefleet.mjs');
export const KEY = 'scenario-key-0123456789abcdef';

/** Ports that were free a moment ago; asked for together, so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

/** Waits until `probe` answers true; fails with `what` after `withinMs`. */
export async function eventually(what: string, withinMs: number, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await probe().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${String(withinMs)} ms: ${what}`);
    await delay(50);
  }
}

/** One agent as its own process, started by the real command with the real configuration file. */
export class AgentProcess {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly dir: string;
  /** Where its images, catalog and tmp area lie: below `dir` unless another disk is given. */
  readonly dataDir: string;
  #child: ChildProcess | undefined;
  #output: string[] = [];

  constructor(options: {
    readonly name: string;
    readonly port: number;
    readonly dir: string;
    readonly dataDir?: string;
    /** The address it listens on: loopback unless another is given. */
    readonly host?: string;
  }) {
    this.name = options.name;
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port;
    this.dir = options.dir;
    this.dataDir = options.dataDir ?? join(options.dir, 'data');
  }

  get url(): string {
    return `http://${this.host}:${String(this.port)}`;
  }

  get imagesDir(): string {
    return join(this.dataDir, 'images');
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} is not running`);
    return pid;
  }

  /** Writes agent.yaml; `overrides` are merged over the top level. */
  async configure(peers: readonly AgentProcess[], overrides: object = {}): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    const config = {
      name: this.name,
      listen: `${this.host}:${String(this.port)}`,
      publicUrl: this.url,
      dataDir: relative(this.dir, this.dataDir),
      securityKey: KEY,
      peers: peers.map((peer) => ({ name: peer.name, url: peer.url, securityKey: KEY })),
      ...overrides,
    };
    await writeFile(join(this.dir, 'agent.yaml'), stringify(config));
  }

  /** Returns when it is ready; `env` is added to the environment. */
  async start(command: readonly string[] = [process.execPath, COMMAND], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const [file = process.execPath, ...args] = command;
    const child = spawn(file, [...args, 'agent', '--config', join(this.dir, 'agent.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const log = createWriteStream(join(this.dir, 'agent.log'), { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => output.push(text.toString()));
    this.#output = output;
    this.#child = child;
    await eventually(`${this.name} ready`, 30_000, async () => {
      if (!this.isRunning) return true;
      return (await fetch(`${this.url}/health/ready`)).ok;
    }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.log()}`);
    });
    if (!this.isRunning) throw new Error(`${this.name} has ended\n${await this.log()}`);
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How the process ended: its exit code, or the signal that killed it; undefined while it runs. */
  get end(): number | string | undefined {
    return this.#child?.exitCode ?? this.#child?.signalCode ?? undefined;
  }

  /** Stops it in the middle of whatever it does; it says nothing more. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Ends the process and waits for its end; SIGTERM is the clean stop. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Lines that the process wrote since it was started last. */
  get linesSinceStart(): readonly string[] {
    return this.#output.join('').split('\n');
  }

  log(): Promise<string> {
    return readFile(join(this.dir, 'agent.log'), 'utf8');
  }

  /** One call of the HTTP API, with the key. */
  async api<T>(path: string, init: { readonly method?: string; readonly body?: unknown } = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Open deliveries in this agent's own ledger. */
  async openDeliveries(): Promise<number> {
    return (await this.api<{ total: number }>('/deliveries/summary')).total;
  }
}

/** A fleet of `count` agents, each the others' peer. Configured, not started. */
export async function makeFleet(dir: string, count: number, overrides: object = {}): Promise<readonly AgentProcess[]> {
  const ports = await freePorts(count);
  const agents = ports.map((port, index) => {
    const name = `s${String(index + 1)}`;
    return new AgentProcess({ name, port, dir: join(dir, name) });
  });
  for (const agent of agents) {
    await agent.configure(
      agents.filter((other) => other !== agent),
      overrides,
    );
  }
  return agents;
}
