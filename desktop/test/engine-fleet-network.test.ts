import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ThreeHosts, threeHostsObstacle, type HostNumber } from '@imagefleet/shared/testing/three-hosts.ts';
import type { FollowedLine } from './follow-fleet.ts';

const COMMAND = join(import.meta.dirname, '../../agent/bin/imagefleet.mjs');
const FOLLOWER = join(import.meta.dirname, 'follow-fleet.ts');
const KEY = 'scenario-key-0123456789abcdef';
const PORT = 7401;
const AGENTS = [2, 3] as const;
/** Longer than agents need to see each other, and than a second incident would take to come. */
const WATCHED_MS = 15_000;

const obstacle = threeHostsObstacle();
if (obstacle !== undefined) console.warn(`engine and network: skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('the engine whose own network fails', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let children: ChildProcess[];
  let lines: FollowedLine[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-engine-'));
    hosts = await ThreeHosts.make();
    children = [];
    lines = [];
  });
  afterEach(async () => {
    await Promise.all(children.map(end));
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  const urlOf = (host: HostNumber): string => `http://${hosts.addressOf(host)}:${String(PORT)}`;

  function runOn(host: HostNumber, args: readonly string[]): ChildProcess {
    const [file = process.execPath, ...before] = hosts.on(host);
    const child = spawn(file, [...before, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  async function startAgent(host: HostNumber): Promise<void> {
    const folder = join(dir, `s${String(host)}`);
    await mkdir(folder);
    const peers = AGENTS.filter((other) => other !== host).map((other) => ({
      ...{ name: `s${String(other)}`, url: urlOf(other), securityKey: KEY },
    }));
    const config = { listen: `${hosts.addressOf(host)}:${String(PORT)}`, publicUrl: urlOf(host), securityKey: KEY };
    const file = join(folder, 'agent.yaml');
    await writeFile(file, JSON.stringify({ name: `s${String(host)}`, ...config, peers }));
    runOn(host, [COMMAND, 'agent', '--config', file]).stdout?.resume();
  }

  function startEngine(): void {
    const { stdout } = runOn(1, [FOLLOWER, KEY, ...AGENTS.map(urlOf)]);
    if (stdout === null) throw new Error('the engine has no output');
    createInterface(stdout).on('line', (line) => lines.push(JSON.parse(line) as FollowedLine));
  }

  const view = () => lines.findLast((line) => line.kind === 'state');
  const incidents = () => lines.filter((line) => line.kind === 'incident');
  const ALL_UP = { kind: 'state', state: 'live', servers: ['up', 'up'] };
  const own = (what: string) => ({ kind: 'incident', what, of: 'ownNetwork', servers: [] });

  it('says so once, accuses no server, and is live again by itself', async () => {
    await Promise.all(AGENTS.map(startAgent));
    startEngine();
    await expect.poll(view, { timeout: 60_000 }).toEqual(ALL_UP);
    expect(incidents()).toEqual([]);

    await hosts.cut(1);
    await expect.poll(incidents, { timeout: 20_000 }).toEqual([own('opened')]);
    expect(view()).toEqual({ kind: 'state', state: 'lost', servers: ['unknown', 'unknown'] });
    await delay(WATCHED_MS);
    expect(incidents()).toEqual([own('opened')]);

    await hosts.heal();
    await expect.poll(view, { timeout: 30_000 }).toEqual(ALL_UP);
    await expect.poll(incidents, { timeout: 5000 }).toEqual([own('opened'), own('over')]);
    await delay(WATCHED_MS);
    expect(incidents()).toHaveLength(2);
  }, 240_000);
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
