import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './support/agent-process.ts';
import { runHookScript, type HookResult, type ToldEvent } from './support/hook-run.ts';
import {
  HOST_NUMBERS,
  ThreeHosts,
  threeHostsObstacle,
  type HostNumber,
} from '@imagefleet/shared/testing/three-hosts.ts';

const execute = promisify(execFile);
const PORT = 7401;

function missingProgram(): string | undefined {
  const missing = ['arping', 'flock'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return missing.length === 0 ? undefined : `it needs ${missing.join(' and ')} (packages: iputils-arping util-linux)`;
}

const obstacle = threeHostsObstacle() ?? missingProgram();
if (obstacle !== undefined) console.warn(`virtual address: skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('an address that belongs to the first healthy host', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let servers: readonly ChildProcess[];
  let generation: number;

  beforeEach(async () => {
    hosts = await ThreeHosts.make();
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-hooks-'));
    generation = 0;
    // Stands for an agent: says on which host it runs.
    servers = HOST_NUMBERS.map((host) => {
      const answer = `require('http').createServer((_, r) => r.end('s${String(host)}')).listen(${String(PORT)}, '0.0.0.0')`;
      return spawn('ip', [...intoHost(host), process.execPath, '-e', answer], { stdio: 'ignore' });
    });
  });

  afterEach(async () => {
    for (const server of servers) server.kill('SIGKILL');
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  /** Arguments of `ip` that run what follows on the host. */
  function intoHost(host: HostNumber): readonly string[] {
    return hosts.on(host).slice(1);
  }

  function virtual(): string {
    return hosts.addressOf(1).replace(/\.1$/, '.100');
  }

  function at(host: HostNumber): string {
    return `${hosts.addressOf(host)}:${String(PORT)}`;
  }

  /** The hook on one host, as its own monitor runs it. */
  function hookOn(host: HostNumber, told: ToldEvent, ...extra: readonly string[]): Promise<HookResult> {
    const args = [
      '--address',
      `${virtual()}/24`,
      '--device',
      'eth0',
      '--self',
      at(host),
      '--order',
      HOST_NUMBERS.map(at).join(' '),
    ];
    const state = ['--state', join(dir, String(host))];
    return runHookScript(
      { script: 'virtual-address.sh', args: [...args, ...state, ...extra], prefix: hosts.on(host) },
      told,
    );
  }

  /** The monitors of some hosts all see the same. */
  async function everyHook(on: readonly HostNumber[], told: Omit<ToldEvent, 'online'>, online = on): Promise<void> {
    generation += 1;
    const event = { generation, ...told, online: online.map(at) };
    for (const result of await Promise.all(on.map((host) => hookOn(host, event))))
      expect(result).toMatchObject({ code: null });
  }

  async function link(host: HostNumber, state: 'up' | 'down'): Promise<void> {
    await execute('ip', [...intoHost(host), 'ip', 'link', 'set', 'eth0', state]);
  }

  /** Who answers a visitor of the address. */
  function visited(): Promise<string | null> {
    return new Promise((resolve) => {
      const request = get({ host: virtual(), port: PORT, agent: false, timeout: 1000 }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(null));
    });
  }

  async function expectVisitorAt(host: HostNumber): Promise<void> {
    await eventually(`visitors at s${String(host)}`, 10_000, async () => (await visited()) === `s${String(host)}`);
  }

  async function holders(): Promise<readonly HostNumber[]> {
    const found: HostNumber[] = [];
    for (const host of HOST_NUMBERS) {
      const { stdout } = await execute('ip', [...intoHost(host), 'ip', '-4', '-o', 'address']);
      if (stdout.includes(`${virtual()}/`)) found.push(host);
    }
    return found;
  }

  it('moves to the second when the first is cut, and back when the first is there again', async () => {
    await everyHook([1, 2, 3], { to: 'up' });
    await expectVisitorAt(1);
    expect(await holders()).toEqual([1]);

    await link(1, 'down');
    await everyHook([2, 3], { to: 'down' });
    await expectVisitorAt(2);

    await link(1, 'up');
    await everyHook([1, 2, 3], { to: 'up' });
    await expectVisitorAt(1);
    expect(await holders()).toEqual([1]);
  });

  it('stays where it is when nobody else confirms that the first is down', async () => {
    await everyHook([1, 2, 3], { to: 'up' });
    await everyHook([2, 3], { to: 'down', isConfirmed: false });
    expect(await holders()).toEqual([1]);
    await expectVisitorAt(1);
  });

  it('is not taken while the host that had it still answers for it, unless it is told to', async () => {
    await everyHook([1, 2, 3], { to: 'up' });
    // The agent on s1 is dead, and its host is not.
    const event = { generation: 9, online: [at(2), at(3)] };
    expect(await hookOn(2, event)).toMatchObject({
      ...{ code: 'HOOK_FAILED', output: expect.stringContaining('somebody still answers') as string },
    });
    expect(await holders()).toEqual([1]);
    // Which is why a stop of the agent gives it up.
    await hookOn(1, event, '--release');
    expect(await hookOn(2, event)).toMatchObject({ code: null });
    await expectVisitorAt(2);
    await hookOn(3, { generation: 10, online: [at(3)] }, '--force');
    expect(await holders()).toEqual([2, 3]);
  });

  it('does not come back to a host whose news are old, and nothing happens in a dry run', async () => {
    await hookOn(1, { generation: 5, to: 'up', online: HOST_NUMBERS.map(at) }, '--dry-run');
    expect(await holders()).toEqual([]);
    await hookOn(2, { generation: 8, online: [at(3)] });
    expect((await hookOn(2, { generation: 7, online: [at(2), at(3)] })).output).toContain('older than 8');
    expect(await holders()).toEqual([]);
  });
});
