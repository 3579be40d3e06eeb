import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { resolvableServers } from '@imagefleet/shared/testing/resolvable-servers.ts';
import { eventually, makeFleet } from './support/agent-process.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { upload } from './support/upload.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What a server gets: one file, in a folder where no package can be found. */
describe('the agent as one file', () => {
  let dir: string;
  let command: readonly [string, string];

  beforeAll(async () => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build-agent.ts')], { stdio: 'inherit' });
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-bundle-'));
    await cp(join(ROOT, 'dist/agent/imagefleet.mjs'), join(dir, 'imagefleet.mjs'));
    command = [process.execPath, join(dir, 'imagefleet.mjs')];
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('comes with the recipes for a service', async () => {
    const names = await readdir(join(ROOT, 'dist/agent'), { recursive: true });
    const own = names.map((name) => name.replaceAll('\\', '/')).filter((name) => !/^console(?:\/|$)/.test(name));
    expect(own.sort()).toEqual([
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'hooks',
      'hooks/dns-api.sh',
      'hooks/dns-switch.sh',
      'hooks/first-online.sh',
      'hooks/virtual-address.sh',
      'imagefleet.mjs',
      'package.json',
      'resolver.d.mts',
      'resolver.mjs',
      'systemd',
      'systemd/imagefleet-agent.service',
      'windows',
      'windows/README.md',
      'windows/README.zh-CN.md',
      'windows/imagefleet-agent.xml',
    ]);
  });

  it('says its version and its commands', () => {
    const [node, file] = command;
    expect(execFileSync(node, [file, '--version'], { cwd: dir, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(execFileSync(node, [file, '--help'], { cwd: dir, encoding: 'utf8' })).toContain('import-legacy');
  });

  it('gives web applications the resolver, with its types, as a package', async () => {
    const application = join(dir, 'application');
    await cp(join(ROOT, 'dist/agent'), join(application, 'node_modules/imagefleet'), { recursive: true });
    const servers = resolvableServers(3);
    await writeFile(join(application, 'status.json'), JSON.stringify({ generation: 1, servers }));
    const lines = [
      "import { openStatusFile, type Fleet } from 'imagefleet/resolver';",
      "const fleet: Fleet = await openStatusFile('status.json');",
      "const hosts: readonly string[] = fleet.resolve('key').map((server) => server.host);",
      'console.log(hosts.join());',
    ];
    await writeFile(join(application, 'package.json'), '{ "type": "module" }');
    await writeFile(join(application, 'application.ts'), lines.join('\n'));
    const run = (file: string, ...args: readonly string[]) =>
      execFileSync(process.execPath, [file, ...args], { cwd: application, encoding: 'utf8' });
    const expected = createResolver(servers).resolve('key');
    expect(run('application.ts')).toBe(`${expected.map(({ host }) => host).join()}\n`);
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom'];
    expect(run(compiler, ...options, 'application.ts')).toBe('');
  });

  it('finds the console beside itself, and says so when there is none', async () => {
    const [agent] = await makeFleet(join(dir, 'console-fleet'), 1, { limits: { freeSpaceFloor: '1MB' } });
    if (agent === undefined) throw new Error('an agent is needed');
    try {
      await agent.start(command);
      const missing = await fetch(`${agent.url}/console`);
      expect([missing.status, await missing.json()]).toMatchObject([503, { code: 'CONSOLE_MISSING' }]);
      await mkdir(join(dir, 'console'));
      await writeFile(join(dir, 'console', 'index.html'), 'the page');
      expect(await (await fetch(`${agent.url}/console`)).text()).toBe('the page');
    } finally {
      await agent.stop('SIGKILL');
    }
  });

  it('runs a fleet that copies, and starts again on what it stored', async () => {
    const fleet = await makeFleet(dir, 2, { limits: { freeSpaceFloor: '1MB' } });
    const [first, second] = fleet;
    if (first === undefined || second === undefined) throw new Error('two agents are needed');
    try {
      for (const agent of fleet) await agent.start(command);
      const image = await upload(first, { name: 'a.png', bytes: pngImage({ seed: 1 }) });
      await eventually('the copy at the second agent', 15_000, () => ledgersEmpty(fleet));
      await second.stop();
      await second.start(command);
      const answer = await fetch(`${second.url}/${image.path}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(pngImage({ seed: 1 }))).toBe(true);
      await expectEqualFleet(fleet, 1);
    } finally {
      for (const agent of fleet) await agent.stop('SIGKILL');
    }
  });
});
