import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { snapshotOf, type ServerOfTest } from '@imagefleet/shared/testing/status-builders.ts';
import { StatusFiles } from '#monitor/status-files/status-files.ts';
import { eventually, freePorts } from './support/agent-process.ts';

/** Where the set-up unpacks it when it is not installed. */
const UNPACKED = join(import.meta.dirname, '../../node_modules/.cache/nginx/usr/sbin/nginx');
const NGINX = ['nginx', UNPACKED].find((program) => spawnSync(program, ['-v']).status === 0);
const hasNginx = NGINX !== undefined;
const nginxProgram = NGINX ?? 'nginx';
if (!hasNginx) console.warn('nginx-status: skipped, nginx is not on this machine');

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

describe.skipIf(!hasNginx)('nginx', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    path = join(dir, 'upstream.conf');
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** Lets the monitor write the block, and puts a configuration around it. */
  async function write(servers: readonly ServerOfTest[], port = 1): Promise<void> {
    const files = new StatusFiles({ files: [{ path, format: 'nginx' }], logger: silentLogger, now: () => 0 });
    await files.start();
    files.apply(snapshotOf(servers));
    await files.stop();
    expect(files.problems()).toEqual([]);
    const lines = [
      'daemon off; master_process off; error_log stderr; pid nginx.pid;',
      'events {}',
      'http { access_log off;',
      ...TEMPORARY.map((name) => `${name}_temp_path ${name};`),
      'include upstream.conf;',
      `server { listen 127.0.0.1:${String(port)}; location / { proxy_pass http://imagefleet; } }`,
      '}',
    ];
    await writeFile(join(dir, 'nginx.conf'), lines.join('\n'));
  }

  const args = () => ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', 'stderr'];

  it.each<[string, readonly ServerOfTest[]]>([
    ['nobody', []],
    [
      'all down',
      [
        ['10.0.0.1:7401', 'down'],
        ['10.0.0.2:7401', 'unknown'],
      ],
    ],
    ['one', [['10.0.0.1:7401']]],
    ['two ports, IPv6, weights', [['10.0.0.1:1'], ['10.0.0.1:2', 'down', 7], ['[::1]:65535', 'up', 0.25]]],
    ['twenty', Array.from({ length: 20 }, (_, index): ServerOfTest => [`10.0.0.${String(index)}:7401`])],
  ])('takes the block with %s', async (_, servers) => {
    await write(servers);
    const { status, stderr } = spawnSync(nginxProgram, [...args(), '-t'], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });

  it('sends requests to who is online, and answers 502 where nobody is', async () => {
    const image = createServer((_, response) => response.end('image')).listen(0, '127.0.0.1');
    await once(image, 'listening');
    const alive = `127.0.0.1:${String((image.address() as AddressInfo).port)}`;
    const cases: readonly (readonly [readonly ServerOfTest[], number])[] = [
      [[[alive], ['127.0.0.2:1', 'down']], 200],
      [[[alive, 'down']], 502],
      [[], 502],
    ];
    try {
      for (const [servers, status] of cases) {
        const [port = 0] = await freePorts(1);
        await write(servers, port);
        const nginx = spawn(nginxProgram, args(), { stdio: 'ignore' });
        const url = `http://127.0.0.1:${String(port)}/`;
        try {
          await eventually('nginx answers', 10_000, async () => (await fetch(url).catch(() => null)) !== null);
          for (let request = 0; request < 5; request += 1) expect((await fetch(url)).status).toBe(status);
        } finally {
          nginx.kill('SIGKILL');
          await once(nginx, 'exit');
        }
      }
    } finally {
      image.closeAllConnections();
      image.close();
    }
  });
});
