import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND, eventually } from './support/agent-process.ts';

/** The old service's file, with paths of this system. */
const APP_CONFIG = `<?xml version="1.0"?>
<configuration>
  <configSections>
    <section name="Servers" type="System.Configuration.DictionarySectionHandler" />
    <section name="StatusFilePaths" type="System.Configuration.DictionarySectionHandler" />
  </configSections>
  <appSettings><add key="ServerWarmUpTime" value="1" /><add key="PollInterval" value="5" /></appSettings>
  <Servers><add key="Server1" value="127.0.0.1:1" /></Servers>
  <StatusFilePaths><add key="Web1" value="server_status.config.xml" /></StatusFilePaths>
</configuration>`;

describe('imagefleet monitor', () => {
  let dir: string;
  let child: ChildProcess | undefined;
  let out = '';
  let err = '';

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });

  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(dir, { recursive: true, force: true });
  });

  function start(...args: readonly string[]): ChildProcess {
    [out, err] = ['', ''];
    const started = spawn(process.execPath, [COMMAND, 'monitor', '--listen', '127.0.0.1:0', ...args], { cwd: dir });
    started.stdout.on('data', (text: Buffer) => (out += text.toString()));
    started.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child = started;
    return started;
  }

  /** The address in the event that says that it is ready. */
  async function readyUrl(): Promise<string> {
    const events = (): { event: string; url?: string }[] =>
      out
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as { event: string; url?: string });
    const ready = () => events().find(({ event }) => event === 'monitor.ready');
    await eventually(`ready\n${out}\n${err}`, 30_000, async () => ready() !== undefined);
    return ready()?.url ?? '';
  }

  it('runs on a monitor.yaml, says when it is ready to people and machines, and ends when it is told to', async () => {
    await writeFile(join(dir, 'monitor.yaml'), 'servers: ["127.0.0.1:1", { name: two, address: "127.0.0.1:2" }]\n');
    const monitor = start();
    const url = await readyUrl();
    await eventually('the ready line', 5000, async () => err.includes(`imagefleet monitor monitor ready on ${url}`));
    expect(err).toContain('warning: securityKey is missing, so everybody is let in.');
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const { servers } = (await (await fetch(`${url}/api/v1/servers`)).json()) as { servers: { name: string }[] };
    expect(servers.map(({ name }) => name)).toEqual(['127.0.0.1:1', 'two']);
    const ended = once(monitor, 'exit');
    monitor.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(out).toContain('"event":"monitor.stopped"');
  });

  it('runs on the app.config of the old service as it is, with nothing but JSON for machines', async () => {
    await writeFile(join(dir, 'app.config'), APP_CONFIG);
    start('--config', 'app.config', '--json');
    const url = await readyUrl();
    const verdict = (await (await fetch(`${url}/api/v1/servers/127.0.0.1:1/why`)).json()) as object;
    expect(verdict).toMatchObject({ server: '127.0.0.1:1', settings: { warmUpMs: 1000 } });
    expect(err).toBe('');
    const sentences = out.split('\n').filter((line) => line.includes('config.warning'));
    expect(sentences.join('\n')).toContain('are ignored: PollInterval.');
  });

  it('says all that is wrong with its configuration, and ends with 2', async () => {
    await writeFile(
      join(dir, 'app.config'),
      APP_CONFIG.replace('server_status', 'C:\\web\\status').replace(':1"', '"'),
    );
    const [code] = (await once(start('--config', 'app.config'), 'exit')) as [number];
    expect(code).toBe(2);
    expect(err).toContain('app.config:8: Server1: expected host:port');
    expect(err).toContain('app.config:9: Web1: is a path of Windows');
    const [missing] = (await once(start('--json'), 'exit')) as [number];
    expect(missing).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'CFG_UNREADABLE' } });
  });
});
