import type { ItemState } from '#bridge/engine-words.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EngineClient, EngineOutput } from '#bridge/engine-api.ts';
import { connectToEngine } from '#engine/control/control-client.ts';
import { controlAddress } from '#engine/control/control-address.ts';
import type { ConsoleFleet } from './console-fleet.ts';

const TRY_EVERY_MS = 20;
const MAX_TRIES = 1500;
export const ENGINE = join(import.meta.dirname, '../bin/engine.ts');

export type Counts = EngineOutput<'readStatus'>['counts'];

/** What the command says in one line, with --json. */
interface Line {
  readonly event: string;
  readonly counts?: Counts;
  readonly isPaused?: boolean;
  /** Of `links`. */
  readonly line?: string;
}

export interface RunningEngine {
  readonly child: ChildProcess;
  /** Its exit code; null when it was killed. */
  readonly closed: Promise<number | null>;
  readonly lines: readonly Line[];
  /** As it told last. */
  readonly counts: () => Counts;
}

export interface EngineHome {
  /** Of the engine's data. */
  readonly dataDir: string;
  readonly servers: readonly string[];
  readonly key: string;
  /** What runs node: with less rights, or on another host. */
  readonly wrapper?: readonly string[];
}

/** The engine's command, in processes of their own on one queue that outlives them. */
export class EngineProcesses {
  readonly #home: EngineHome;
  readonly #running = new Set<ChildProcess>();

  constructor(home: EngineHome) {
    this.#home = home;
  }

  begin(...command: readonly string[]): RunningEngine {
    const { dataDir, servers, key, wrapper = [] } = this.#home;
    const fleet = [...servers.flatMap((server) => ['--server', server]), '--key', key];
    const own = [process.execPath, ENGINE, ...command, ...fleet, '--data', dataDir, '--json'];
    const [program = '', ...args] = [...wrapper, ...own];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: Line[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Line));
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    const closed = once(child, 'close').then(([code]) => code as number | null);
    const counts = (): Counts =>
      lines.findLast((line) => line.counts !== undefined)?.counts ?? expect.fail('no counts');
    return { child, closed, lines, counts };
  }

  /** Runs a command that ends by itself; answers what it said last. */
  async ask(...command: readonly string[]): Promise<Line> {
    const { closed, lines } = this.begin(...command);
    expect(await closed, command.join(' ')).toBe(0);
    return lines.at(-1) ?? expect.fail(`${command.join(' ')} said nothing`);
  }

  /** The engine that runs, as another process speaks to it; waits until there is one. */
  async client(): Promise<EngineClient> {
    const address = controlAddress(this.#home.dataDir);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const client = await connectToEngine(address, new AbortController().signal);
      if (client !== undefined) return client;
      await delay(TRY_EVERY_MS);
    }
    return expect.fail('no engine runs');
  }

  stop(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

export function filesIn(counts: Counts, ...states: readonly ItemState[]): number {
  return states.reduce((sum, state) => sum + counts[state].files, 0);
}

interface Listed {
  readonly images: readonly { readonly path: string; readonly sha256: string }[];
  readonly next: string | null;
}

/** Paths and distinct hashes of all that any server of the fleet has. */
export async function heldBy(fleet: ConsoleFleet): Promise<{ readonly paths: number; readonly hashes: number }> {
  const paths = new Set<string>();
  const hashes = new Set<string>();
  for (const index of fleet.agents.keys()) {
    for (let cursor: string | null = ''; cursor !== null;) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { images, next } = (await (await fleet.call(index, `/images?limit=500${after}`)).json()) as Listed;
      for (const { path, sha256 } of images) {
        paths.add(path);
        hashes.add(sha256);
      }
      cursor = next;
    }
  }
  return { paths: paths.size, hashes: hashes.size };
}
