import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startStubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';

const STUB_AGENT = join(import.meta.dirname, 'testing', 'stub-agent.ts');

describe('imagefleet fleet', () => {
  let dir: string;
  let basePort: number;
  let stop: AbortController;
  const lines: string[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    basePort = await freePort();
    stop = new AbortController();
    lines.length = 0;
  });
  afterEach(async () => {
    stop.abort();
    await rm(dir, { recursive: true });
  });

  /** Three free ports in a row, below those that systems give to outgoing connections: other tests make many of these. */
  async function freePort(): Promise<number> {
    for (;;) {
      const base = 15_000 + Math.floor(Math.random() * 15_000);
      const areFree = await Promise.all([base, base + 1, base + 2].map(isFree));
      if (areFree.every(Boolean)) return base;
    }
  }

  async function isFree(port: number): Promise<boolean> {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      return false;
    }
    server.close();
    await once(server, 'close');
    return true;
  }

  /** Runs a fleet of stub agents; `onLine` sees what it says as it says it. */
  function fleet(
    args: readonly string[],
    onLine: (line: string) => void,
    env: Record<string, string> = {},
  ): Promise<CliResult> {
    const hear = (line: string): void => {
      lines.push(line);
      onLine(line);
    };
    const command = ['fleet', '--base-port', String(basePort), '--data', join(dir, 'data'), ...args];
    return runCli(command, {
      cwd: dir,
      env: { PATH: process.env['PATH'], ...env },
      signal: stop.signal,
      out: hear,
      err: hear,
      self: { execPath: process.execPath, execArgv: [], script: STUB_AGENT, typed: 'npx imagefleet' },
    });
  }

  const stopWhenReady = (line: string): void => {
    if (line.startsWith('Ctrl-C')) stop.abort();
  };

  it('starts every agent with all the others as its peers, says what to try, and stops them', async () => {
    expect(await fleet(['--agents', '3'], stopWhenReady)).toMatchObject({ code: 0 });
    const text = lines.join('\n');
    expect(text).toMatch(/^fleet ready$/m);
    const key = /security key: (\S{32})$/m.exec(text)?.[1] ?? '';
    expect(text).toContain(
      `npx imagefleet upload ~/Pictures --server http://127.0.0.1:${String(basePort)} --key ${key}`,
    );
    expect(text).toMatch(/kill \d+/);
    expect(text).toContain('npx imagefleet agent --config data/s3/agent.yaml');
    const config = parse(await readFile(join(dir, 'data/s2/agent.yaml'), 'utf8')) as Record<string, unknown>;
    const peer = (index: number): object => ({
      name: `s${String(index)}`,
      url: `http://127.0.0.1:${String(basePort + index - 1)}`,
      securityKey: key,
    });
    expect(config).toMatchObject({ name: 's2', dataDir: '.', securityKey: key, peers: [peer(1), peer(3)] });
    for (let port = basePort; port < basePort + 3; port += 1) {
      await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow();
    }
  });

  it('says where the console is, with a link that logs in once at the first agent', async () => {
    const console = `http://127.0.0.1:${String(basePort)}/console`;
    await fleet(['--agents', '2'], stopWhenReady);
    const ready = lines.indexOf('fleet ready');
    expect(lines.slice(ready, ready + 3)).toEqual([
      'fleet ready',
      `console: ${console}  log in, once and within 5 minutes: ${console}#token=one-time-token`,
      '',
    ]);
  });

  it('is ready all the same when the agent gives no link', async () => {
    await fleet(['--agents', '1'], stopWhenReady, { STUB_GIVES_NO_LINK: 'yes' });
    expect(lines).toContain(`console: http://127.0.0.1:${String(basePort)}/console  log in with the security key`);
    expect(lines.some((line) => line.startsWith('Ctrl-C'))).toBe(true);
  });

  it('tells machines of the console in a line of its own', async () => {
    await fleet(['--agents', '1', '--json'], (line) => {
      if (line.includes('fleet.console')) stop.abort();
    });
    const events = lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).toEqual([
      ...['fleet.starting', 'fleet.ready', 'fleet.console', 'fleet.stopping', 'fleet.stopped'],
    ]);
    const url = `http://127.0.0.1:${String(basePort)}/console#token=one-time-token`;
    expect(events[2]).toMatchObject({ url, expiresAt: 1 });
  });

  it('keeps the key between starts, for its owner alone', async () => {
    await fleet(['--agents', '1'], stopWhenReady);
    const first = lines.find((line) => line.startsWith('security key'));
    stop = new AbortController();
    lines.length = 0;
    await fleet(['--agents', '1'], stopWhenReady);
    expect(lines.find((line) => line.startsWith('security key'))).toBe(first);
    for (const file of ['data/fleet.json', 'data/s1/agent.yaml']) {
      expect((await stat(join(dir, file))).mode & 0o077, file).toBe(0);
    }
  });

  it('gives agents their pool of threads, keeps their log, and keeps settings of one agent from them', async () => {
    await fleet(['--agents', '1'], stopWhenReady, { IMAGEFLEET_LISTEN: '127.0.0.1:1' });
    expect(await readFile(join(dir, 'data/s1/agent.log'), 'utf8')).toBe('pool of 16, listen undefined\n');
  });

  it('tells machines the same in JSON lines', async () => {
    await fleet(['--agents', '2', '--json'], (line) => {
      if (line.includes('fleet.ready')) stop.abort();
    });
    const events = lines.map((line) => JSON.parse(line) as { event: string; agents?: unknown });
    expect(events.map(({ event }) => event)).toEqual([
      'fleet.starting',
      'fleet.ready',
      'fleet.stopping',
      'fleet.stopped',
    ]);
    expect(events[1]?.agents).toMatchObject([
      { name: 's1', url: `http://127.0.0.1:${String(basePort)}` },
      { name: 's2' },
    ]);
  });

  it('reports an agent that died with the command that starts it again, and ends when none is left', async () => {
    let pids: number[] = [];
    const result = await fleet(['--agents', '2', '--json'], (line) => {
      const event = JSON.parse(line) as { event: string; agents: { pid: number }[] };
      if (event.event === 'fleet.ready') pids = event.agents.map(({ pid }) => pid);
      if (event.event !== 'fleet.ready' && event.event !== 'agent.ended') return;
      const pid = pids.shift();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    });
    expect(result.code).toBe(1);
    const ended = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ event }) => event === 'agent.ended');
    expect(ended).toMatchObject([
      { name: 's1', reason: 'SIGKILL', restart: 'npx imagefleet agent --config data/s1/agent.yaml' },
      { name: 's2' },
    ]);
  });

  it('shows the last words of an agent that cannot start, and stops the others', async () => {
    const result = await fleet(['--agents', '2'], () => undefined, { STUB_FAILS: 's2' });
    expect(result.code).toBe(1);
    expect(lines.join('\n')).toContain('agent s2 ended while starting (exit code 2); its log: data/s2/agent.log');
    expect(lines.join('\n')).toContain('the stub fails as it was told');
  });

  it('names a port that is taken and a way out, and starts nothing', async () => {
    const other = await startStubServer(() => undefined, basePort + 1);
    const result = await fleet(['--agents', '2'], () => undefined);
    await other.close();
    expect(result.code).toBe(2);
    expect(lines[0]).toContain(`port ${String(basePort + 1)} on 127.0.0.1 is in use`);
    expect(lines[1]).toMatch(/fleet --agents 2 --base-port \d+/);
    await expect(stat(join(dir, 'data'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['--agents', '0'],
    ['--agents', '21'],
    ['--agents', 'three'],
    ['--base-port', '65535'],
  ])('refuses %s %s as wrong usage', async (option, value) => {
    expect(await fleet([option, value], () => undefined)).toMatchObject({ code: 2 });
    expect(lines[0]).toContain(option);
  });
});
