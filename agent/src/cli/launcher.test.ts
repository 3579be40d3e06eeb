import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStubServer } from '@imagefleet/shared/testing/stub-server.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/imagefleet.mjs');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(node: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      node,
      args,
      { env: { PATH: process.env['PATH'], LANG: 'C', ...env } },
      (_error, out, err) => {
        resolve({ code: child.exitCode, out, err });
      },
    );
  });
}

describe('the launcher', () => {
  it('runs the program where Node is new enough, with its arguments and its exit code', async () => {
    expect(await run(process.execPath, [LAUNCHER, '--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    expect(await run(process.execPath, [LAUNCHER, 'fly'])).toMatchObject({ code: 2 });
  });

  it("replaces an agent's process by itself with the settings malloc reads at the start", async () => {
    if (process.platform !== 'linux') return;
    const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const fifo = join(dir, 'agent.yaml');
    await new Promise((resolve) => execFile('mkfifo', [fifo], resolve));
    // Reading the pipe holds the agent still while we look at it.
    const child = spawn(process.execPath, [LAUNCHER, 'agent', '--config', fifo], { stdio: 'ignore' });
    const environ = (): string => readFileSync(`/proc/${String(child.pid)}/environ`, 'latin1');
    await expect.poll(environ, { timeout: 5000 }).toContain('MALLOC_ARENA_MAX=2');
    expect(environ()).toContain('UV_THREADPOOL_SIZE=16');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(dir, { recursive: true });
  });
});

const OLD_NODE = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file));
const oldMajor = OLD_NODE === undefined ? 99 : await majorOf(OLD_NODE);

async function majorOf(node: string): Promise<number> {
  return Number((await run(node, ['--version'])).out.slice(1).split('.')[0]);
}

describe.skipIf(oldMajor >= 24)('the launcher on an older Node', () => {
  const node = OLD_NODE ?? '';
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('starts itself again on the Node of the project', async () => {
    expect(await run(node, [LAUNCHER, '--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
    expect(await run(node, [LAUNCHER, 'status', '--server', 'no address'])).toMatchObject({ code: 2 });
  });

  it('says in one sentence what is missing', async () => {
    await mkdir(join(dir, 'bin'));
    await copyFile(LAUNCHER, join(dir, 'bin', 'imagefleet.mjs'));
    const { code, err } = await run(node, [join(dir, 'bin', 'imagefleet.mjs'), '--version']);
    expect(code).toBe(2);
    expect(err).toMatch(/^imagefleet needs Node 24; this is v\d+.*npm ci.*\n$/);
  });

  it('passes a signal on and ends with the exit code of the program', async () => {
    const stuck = await startStubServer(() => undefined);
    await writeFile(join(dir, 'a.png'), 'x');
    const args = [LAUNCHER, 'upload', join(dir, 'a.png'), '--server', stuck.url, '--key', 'K'];
    const child = spawn(node, args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    await expect.poll(() => stuck.requests.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await stuck.close();
    expect(await ended).toEqual([1, null]);
  });
});
