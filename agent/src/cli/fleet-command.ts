import { relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { ChildAgent } from './child-agent.ts';
import { ExitWith, type CliContext } from './cli-context.ts';
import { newFleetKey, readFleetFile, writeFleetFile } from './fleet-file.ts';
import { findTakenPort, layOutFleet, writeAgentConfigs, type AgentSeat } from './fleet-layout.ts';
import { FLEET_TEXTS } from './fleet-texts.ts';
import { loginLinkOf } from './login-link.ts';
import { shellQuote } from './shell-quote.ts';
import { tableLines } from './table.ts';

const MAX_AGENTS = 20;
const MAX_PORT = 65_535;
const READY_LIMIT_MS = 60_000;
const READY_POLL_MS = 100;
const READY_TIMEOUT_MS = 2000;

interface FleetOptions {
  readonly agents: string;
  readonly basePort: string;
  readonly data: string;
  readonly key?: string;
  readonly json?: boolean;
}

export function fleetCommand(context: CliContext): Command {
  const texts = FLEET_TEXTS[context.language];
  return new Command('fleet')
    .description(texts.description)
    .option('--agents <n>', texts.agents, '3')
    .option('--base-port <port>', texts.basePort, '7401')
    .option('--data <folder>', texts.data, './data')
    .option('--key <key>', texts.key)
    .option('--json', texts.json)
    .addHelpText('after', texts.after)
    .action(async (options: FleetOptions) => {
      await new FleetRun(context, options).run();
    });
}

class FleetRun {
  readonly #context: CliContext;
  readonly #options: FleetOptions;
  readonly #texts;

  constructor(context: CliContext, options: FleetOptions) {
    this.#context = context;
    this.#options = options;
    this.#texts = FLEET_TEXTS[context.language];
  }

  async run(): Promise<void> {
    const stopSignal = this.#context.stopSignal();
    const seats = this.#seats();
    const takenPort = await findTakenPort(seats);
    if (takenPort !== undefined) this.#refusePort(takenPort);
    const dataDir = resolve(this.#context.cwd, this.#options.data);
    const key = this.#options.key ?? (await readFleetFile(dataDir))?.key ?? newFleetKey();
    await writeFleetFile(dataDir, { version: 1, key, servers: seats.map(({ name, url }) => ({ name, url })) });
    await writeAgentConfigs(seats, key);
    this.#say(this.#texts.starting(seats.length), { event: 'fleet.starting', agents: seats.length });
    const children = seats.map((seat) => ChildAgent.start(seat, this.#context));
    try {
      await this.#untilReady(children, stopSignal);
      if (!stopSignal.aborted) {
        await this.#announce(children, key, stopSignal);
        await this.#watch(children, stopSignal);
      }
    } finally {
      this.#say(this.#texts.stopping, { event: 'fleet.stopping' });
      await Promise.all(children.map((child) => child.stop()));
      this.#say(this.#texts.stopped, { event: 'fleet.stopped' });
    }
  }

  #seats(): readonly AgentSeat[] {
    const agents = Number(this.#options.agents);
    const basePort = Number(this.#options.basePort);
    if (!Number.isInteger(agents) || agents < 1 || agents > MAX_AGENTS) this.#refuse('--agents', this.#texts.notCount);
    if (!Number.isInteger(basePort) || basePort < 1 || basePort + agents - 1 > MAX_PORT) {
      this.#refuse('--base-port', this.#texts.notPort);
    }
    return layOutFleet({ agents, basePort, dataDir: resolve(this.#context.cwd, this.#options.data) });
  }

  #refuse(option: string, sentence: string): never {
    this.#context.err(`imagefleet fleet: ${option}: ${sentence}`);
    throw new ExitWith(2);
  }

  #refusePort(port: number): never {
    const { agents, basePort } = this.#options;
    const other = Math.min(Number(basePort) + 1000, MAX_PORT - Number(agents));
    const command = `${this.#context.self.typed} fleet --agents ${agents} --base-port ${String(other)}`;
    this.#say(`imagefleet fleet: ${this.#texts.portTaken(port)}`, { event: 'fleet.port-taken', port });
    this.#say(`  → ${this.#texts.portAdvice(command)}`);
    throw new ExitWith(2);
  }

  async #untilReady(children: readonly ChildAgent[], stopSignal: AbortSignal): Promise<void> {
    const waiting = new Set(children);
    const deadline = this.#context.now() + READY_LIMIT_MS;
    while (waiting.size > 0 && !stopSignal.aborted) {
      for (const child of waiting) {
        if (!child.isRunning) await this.#failStart(child);
        if (await isReady(child.seat.url)) waiting.delete(child);
      }
      if (waiting.size === 0) return;
      if (this.#context.now() > deadline) {
        const names = [...waiting].map((child) => child.seat.name).join(', ');
        this.#say(this.#texts.late(names), { event: 'fleet.late', names });
        throw new ExitWith(1);
      }
      await sleep(READY_POLL_MS);
    }
  }

  async #failStart(child: ChildAgent): Promise<never> {
    const { seat, reason, lastWords } = await child.exited;
    this.#say(this.#texts.diedEarly(seat.name, reason, this.#shown(seat.logFile)), {
      event: 'agent.ended',
      name: seat.name,
      reason,
    });
    for (const line of lastWords.split('\n')) this.#say(`  ${line}`);
    throw new ExitWith(1);
  }

  async #announce(children: readonly ChildAgent[], key: string, stopSignal: AbortSignal): Promise<void> {
    const texts = this.#texts;
    if (this.#options.json === true) {
      const agents = children.map(({ seat, pid }) => ({ name: seat.name, url: seat.url, pid, folder: seat.folder }));
      this.#say('', { event: 'fleet.ready', key, agents });
      await this.#announceConsole(children, key, stopSignal);
      return;
    }
    const rows = children.map(({ seat, pid }) => [seat.name, seat.url, String(pid), this.#shown(seat.folder)]);
    for (const line of ['', ...tableLines([texts.columns, ...rows]), '', texts.keyLine(key), texts.ready]) {
      this.#context.out(line);
    }
    await this.#announceConsole(children, key, stopSignal);
    this.#context.out('');
    const first = children[0];
    const last = children.length > 1 ? children.at(-1) : undefined;
    if (first === undefined) return;
    const { typed } = this.#context.self;
    const access = `--server ${first.seat.url} --key ${key}`;
    const lines = texts.next({
      upload: `${typed} upload ~/Pictures ${access} --links links.csv`,
      status: `${typed} status ${access}`,
      kill: last === undefined ? undefined : `kill ${String(last.pid)}`,
      restart: this.#restart((last ?? first).seat),
      link: `curl -O ${(last ?? first).seat.url}/2026/1/31/….jpg`,
    });
    for (const line of lines) this.#context.out(line);
  }

  /** Where the console is, with a link that logs in once. A fleet whose agent gives no link is ready all the same. */
  async #announceConsole(children: readonly ChildAgent[], key: string, stopSignal: AbortSignal): Promise<void> {
    const server = children[0]?.seat.url;
    if (server === undefined || stopSignal.aborted) return;
    const address = `${server}/console`;
    const link = await loginLinkOf({ server, key, signal: stopSignal });
    if (this.#options.json !== true) this.#context.out(this.#texts.console(address, link?.url));
    else if (link !== undefined) this.#say('', { event: 'fleet.console', ...link });
    else this.#say('', { event: 'fleet.console', url: address, expiresAt: null });
  }

  /** Until Ctrl-C, or until no agent of ours is left. */
  async #watch(children: readonly ChildAgent[], stopSignal: AbortSignal): Promise<void> {
    const stopped = new Promise<'stop'>((done) => {
      if (stopSignal.aborted) done('stop');
      stopSignal.addEventListener(
        'abort',
        () => {
          done('stop');
        },
        { once: true },
      );
    });
    const running = new Set(children);
    while (running.size > 0) {
      const ended = await Promise.race([
        stopped,
        ...[...running].map(async (child) => ({ child, exit: await child.exited })),
      ]);
      if (ended === 'stop') return;
      running.delete(ended.child);
      const { seat, reason } = ended.exit;
      const command = this.#restart(seat);
      this.#say(this.#texts.died(seat.name, reason), {
        event: 'agent.ended',
        name: seat.name,
        reason,
        restart: command,
      });
      this.#say(`  ${this.#texts.startAgain(command)}`);
    }
    this.#say(this.#texts.allDead, { event: 'fleet.empty' });
    throw new ExitWith(1);
  }

  #restart(seat: AgentSeat): string {
    return `${this.#context.self.typed} agent --config ${shellQuote(this.#shown(seat.configFile))}`;
  }

  #shown(path: string): string {
    const shown = relative(this.#context.cwd, path);
    return shown.startsWith('..') ? path : shown;
  }

  /** To people as a sentence, to machines as an event; what has no event is for people alone. */
  #say(sentence: string, event?: object): void {
    if (this.#options.json !== true) this.#context.err(sentence);
    else if (event !== undefined)
      this.#context.out(JSON.stringify({ time: new Date(this.#context.now()).toISOString(), ...event }));
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Not listening yet; the caller asks again until its own limit.
    return false;
  }
}
