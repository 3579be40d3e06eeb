import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, freePorts } from './support/agent-process.ts';
import { MonitorProcess } from './support/monitor-process.ts';
import { Targets } from './support/targets.ts';

interface Server {
  readonly name: string;
  readonly state: string;
  readonly cause: { readonly code: string } | null;
}
interface StatusFile {
  readonly servers: readonly { readonly port: number; readonly online: boolean }[];
}

let dir: string;
let monitor: MonitorProcess;
const targets: Targets[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  monitor = new MonitorProcess(join(dir, 'monitor'));
});

afterEach(async () => {
  await monitor.stop();
  await Promise.all(targets.splice(0).map((target) => target.stop()));
  await rm(dir, { recursive: true, force: true });
});

async function servers(): Promise<readonly Server[]> {
  return ((await (await fetch(`${monitor.url}/api/v1/servers`)).json()) as { servers: Server[] }).servers;
}

async function statusFile(file: string): Promise<StatusFile> {
  return JSON.parse(await readFile(file, 'utf8')) as StatusFile;
}

it('goes on with what works when names have no address and paths cannot be written', async () => {
  const [port = 0] = await freePorts(1);
  targets.push(await Targets.start({ kind: 'tcp', address: '127.0.0.1', ports: [port] }));
  const folder = join(dir, 'a-folder.json');
  const missing = join(dir, 'missing', 'status.xml');
  const good = join(dir, 'status.json');
  await mkdir(folder);
  await monitor.configure({
    warmUp: '500ms',
    servers: [`127.0.0.1:${String(port)}`, { name: 'nowhere', address: 'no-such-host.invalid:80' }],
    statusFiles: [
      { path: folder, format: 'json' },
      { path: missing, format: 'aspnet' },
      { path: good, format: 'json' },
    ],
  });
  await monitor.start();
  await eventually('online in the file that can be written', 20_000, async () =>
    (await statusFile(good)).servers.some((server) => server.port === port && server.online),
  );
  await eventually('the name is known to have no address', 20_000, async () =>
    (await servers()).some(({ name, state, cause }) => {
      return name === 'nowhere' && state === 'unknown' && cause?.code === 'NAME_UNRESOLVED';
    }),
  );
  expect((await statusFile(good)).servers).toHaveLength(2);
  const lines = (await monitor.log()).split('\n').filter((line) => line.includes('STATUS_UNWRITABLE'));
  for (const path of [folder, missing]) {
    // Its lease has a line of its own.
    const told = lines.filter((line) => line.includes(JSON.stringify(path)));
    expect(told, `${path} is told of once`).toHaveLength(1);
  }

  await mkdir(join(dir, 'missing'));
  await eventually('written as soon as its folder is there', 20_000, async () =>
    (await readFile(missing, 'utf8')).includes('Online="true"'),
  );
});

it('can be stopped while it hangs in its start', { skip: process.platform !== 'linux' }, async () => {
  // Node looks for a parent that can be made here for ever, as a disk that does not answer is waited for.
  await monitor.configure({ servers: [], dataDir: '/proc/nope' });
  const started = monitor.start().catch((error: unknown) => String(error));
  await delay(2000);
  await monitor.stop();
  expect(await started).toContain('ended');
});

it('watches ten thousand servers, and has all of them in its files', async () => {
  const file = join(dir, 'status.json');
  const places = Array.from({ length: 10_000 }, (_, index) => `127.1.${String(index >> 8)}.${String(index & 255)}:9`);
  await monitor.configure({
    ...{ interval: '1m', servers: places },
    statusFiles: [{ path: file, format: 'json' }],
  });
  await monitor.start();
  await eventually('all in the file', 90_000, async () => (await statusFile(file)).servers.length === places.length);
  await eventually('all known to be down', 90_000, async () =>
    (await servers()).every(({ state }) => state === 'down'),
  );
  expect((await statusFile(file)).servers.filter(({ online }) => online)).toEqual([]);
});
