import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { COMMAND, eventually, freePorts } from './support/agent-process.ts';
import { sha256 } from './support/upload.ts';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The operator's first day, with nothing but the command: a fleet, a folder up, a server down, more up, the server back. */
describe('a fleet started by the command', () => {
  let dir: string;
  let basePort: number;
  let fleet: ChildProcess;
  let output = '';
  let revived: ChildProcess | undefined;
  const key = 'main-path-key-0123456789';

  const url = (index: number): string => `http://127.0.0.1:${String(basePort + index)}`;
  const run = (...args: string[]): Promise<Result> =>
    new Promise((resolve) => {
      const env = { ...process.env, LANG: 'C.UTF-8', IMAGEFLEET_KEY: key, IMAGEFLEET_SERVER: url(0) };
      const child = execFile(process.execPath, [COMMAND, ...args], { env }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      });
    });
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const result = await run(...args, '--json');
    return JSON.parse(result.stdout) as Record<string, unknown>;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    // Three ports in a row are needed; the first of a free block is taken from the system, and the two behind it are all but sure.
    basePort = ((await freePorts(1))[0] ?? 0) - 3;
    fleet = spawn(process.execPath, [
      COMMAND,
      'fleet',
      '--agents',
      '3',
      '--base-port',
      String(basePort),
      '--data',
      join(dir, 'fleet'),
      '--key',
      key,
    ]);
    fleet.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    fleet.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually('fleet ready', 40_000, () => Promise.resolve(output.includes('fleet ready'))).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${output}`);
      },
    );
    await mkdir(join(dir, 'photos', '相册'), { recursive: true });
    for (let seed = 0; seed < 60; seed += 1) {
      await writeFile(
        join(dir, 'photos', seed % 2 ? '相册' : '.', `IMG_${String(seed >> 1)}.png`),
        pngImage({ seed, sizeBytes: 500 + seed * 100 }),
      );
    }
  });

  afterAll(async () => {
    revived?.kill('SIGTERM');
    const ended = once(fleet, 'exit');
    fleet.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  });

  it('prints a link that logs a browser in at the console, once', async () => {
    await eventually('the link', 5000, () => Promise.resolve(/#token=[\w-]+\n/.test(output)));
    const [, origin = '', token] = /(http:\S+)\/console#token=([\w-]+)/.exec(output) ?? [];
    expect(origin).toBe(url(0));
    const login = (body: object): Promise<Response> =>
      fetch(`${origin}/api/v1/session`, { method: 'POST', headers: { origin }, body: JSON.stringify(body) });
    const answer = await login({ token });
    expect([answer.status, await answer.json()]).toMatchObject([200, { server: 's1', keyName: 'securityKey' }]);
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    const servers = await fetch(`${origin}/api/v1/servers?scope=fleet`, { headers: { cookie } });
    expect([servers.status, await servers.json()]).toMatchObject([200, { servers: [{}, {}, {}], silent: [] }]);
    expect((await login({ token })).status).toBe(401);
    const { stdout } = await run('console');
    expect(stdout).toMatch(new RegExp(`^${url(0)}/console#token=[\\w-]+\n$`));
  });

  it('takes a folder, and every link answers the same bytes on all three ports', async () => {
    const csv = join(dir, 'links.csv');
    const result = await run('upload', join(dir, 'photos'), '--links', csv, '--ack', 'all');
    expect(result, result.stderr).toMatchObject({ code: 0 });
    const rows = (await readFile(csv, 'utf8'))
      .replace(/^\uFEFF/, '')
      .trim()
      .split(/\r?\n/)
      .slice(1);
    expect(rows).toHaveLength(60);
    for (const row of rows) {
      const [file = '', link = ''] = row.split(',');
      const hash = sha256(await readFile(file));
      for (const index of [0, 1, 2]) {
        const answer = await fetch(`${url(index)}${new URL(link).pathname}`);
        expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(hash);
      }
    }
  });

  it('skips on a second run what the fleet has', async () => {
    expect(await json('upload', join(dir, 'photos'))).toMatchObject({ uploaded: 0, present: 60, failed: 0 });
  });

  it('stops one, uploads more, starts it again: the copies arrive and the errors are gone', async () => {
    const pid = Number(new RegExp(`s3\\D.*?:${String(basePort + 2)}\\D+?(\\d+)`).exec(output)?.[1]);
    process.kill(pid, 'SIGTERM');
    await eventually(
      's3 gone',
      10_000,
      async () =>
        !(await fetch(`${url(2)}/health/live`).then(
          () => true,
          () => false,
        )),
    );
    await cp(join(dir, 'photos'), join(dir, 'more'), { recursive: true });
    for (let seed = 100; seed < 130; seed += 1)
      await writeFile(join(dir, 'more', `new ${String(seed)}.png`), pngImage({ seed }));
    expect(await json('upload', join(dir, 'more'))).toMatchObject({ uploaded: 30, present: 60, failed: 0 });
    await eventually('30 copies parked', 15_000, async () =>
      JSON.stringify(await json('errors')).includes('"count":30'),
    );
    // The monitor takes its time: a dead process is known as such within seconds.
    await eventually('s3 shown as down', 10_000, async () => (await run('status')).stdout.includes('down'));

    revived = spawn(process.execPath, [COMMAND, 'agent', '--config', join(dir, 'fleet', 's3', 'agent.yaml')], {
      stdio: 'ignore',
    });
    await eventually('errors empty', 30_000, async () => (await json('errors'))['total'] === 0);
    // Copies do not wait for the warm-up after which a server counts as up.
    await eventually('all up', 30_000, async () => {
      const servers = (await json('status'))['servers'] as { images: number; state: string }[];
      return servers.length === 3 && servers.every(({ images, state }) => images === 90 && state === 'up');
    });
  });
});
