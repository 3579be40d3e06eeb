import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** The real script in a copied house, with stand-ins for the programs it calls that say what they were asked for. */
describe.skipIf(process.platform === 'win32')('set-up', () => {
  let dir: string;
  let programs: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-setup-'));
    programs = join(dir, 'programs');
    for (const folder of ['scripts', 'programs', 'node_modules']) await mkdir(join(dir, folder));
    await cp(join(import.meta.dirname, 'setup.mjs'), join(dir, 'scripts/setup.mjs'));
    for (const tool of ['sh', 'echo']) await symlink(`/bin/${tool}`, join(programs, tool));
    await program('npm', 'echo "npm was asked: $*"');
    await lock('package-lock.json', { '': {}, 'node_modules/koa': { version: '3.0.0', integrity: 'a' } });
    await lock('node_modules/.package-lock.json', { 'node_modules/koa': { version: '3.0.0', integrity: 'a' } });
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  function lock(name: string, packages: object): Promise<void> {
    return writeFile(join(dir, name), JSON.stringify({ packages }));
  }

  async function program(name: string, body: string): Promise<void> {
    await writeFile(join(programs, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(programs, name), 0o755);
  }

  function setUp(...args: string[]): { status: number | null; output: string } {
    const env = { PATH: programs };
    const result = spawnSync(process.execPath, [join(dir, 'scripts/setup.mjs'), ...args], { env, encoding: 'utf8' });
    return { status: result.status, output: result.stdout + result.stderr };
  }

  it('does nothing and says nothing when everything is there', () => {
    expect(setUp()).toEqual({ status: 0, output: '' });
  });

  it('installs when node_modules is missing or was cut off', async () => {
    await rm(join(dir, 'node_modules/.package-lock.json'));
    expect(setUp()).toMatchObject({ status: 0 });
    expect(setUp().output).toContain('npm was asked: ci');
    await writeFile(join(dir, 'node_modules/.package-lock.json'), '{ "pack');
    expect(setUp().output).toContain('npm was asked: ci');
  });

  it.each([
    ['a package is missing', {}],
    ['a package has another version', { 'node_modules/koa': { version: '2.0.0', integrity: 'a' } }],
    ['a package has other contents', { 'node_modules/koa': { version: '3.0.0', integrity: 'b' } }],
  ])('installs when %s', async (_, packages) => {
    await lock('node_modules/.package-lock.json', packages);
    expect(setUp().output).toContain('npm was asked: ci');
  });

  it('does not miss optional packages of other platforms', async () => {
    const koa = { version: '3.0.0', integrity: 'a' };
    await lock('package-lock.json', { 'node_modules/koa': koa, 'node_modules/fsevents': { optional: true } });
    expect(setUp().output).toBe('');
  });

  it('fails when npm fails', async () => {
    await rm(join(dir, 'node_modules'), { recursive: true });
    await program('npm', 'exit 1');
    const { status, output } = setUp();
    expect(status).toBe(1);
    expect(output).toContain('npm could not install the packages');
  });

  it('gets the programs of the tests where it may, and says which tests skip where it cannot', async () => {
    await program('strace', 'exit 0');
    await program('apt-get', 'echo "apt-get was asked: $*"');
    const { status, output } = setUp('--tests');
    expect(status).toBe(0);
    expect(output).toContain('legacy-client.test.ts) will be skipped without mcs and mono');
    expect(output).not.toContain('syscalls.test.ts');
    expect(output).toContain('the console in a browser (desktop/test) will be skipped without chromium');
    if (process.getuid?.() === 0) {
      expect(output).toMatch(
        /apt-get was asked: update.*\n.*\napt-get was asked: install -y --no-install-recommends .*mono-mcs/s,
      );
    } else {
      expect(output).toContain('only root on Debian');
    }
  });

  it('is content with any browser, and gets a font for Chinese where the system says that it has none', async () => {
    await program('google-chrome', 'exit 0');
    await program('fc-list', 'exit 0');
    await program('apt-get', 'echo "apt-get was asked: $*"');
    const { output } = setUp('--tests');
    expect(output).not.toContain('chromium');
    expect(output.includes('fonts-noto-cjk')).toBe(process.getuid?.() === 0);
    await program('fc-list', 'echo "Noto Sans CJK SC"');
    expect(setUp('--tests').output).not.toContain('fonts-noto-cjk');
  });

  it('asks for nothing when the programs of the tests are there', async () => {
    for (const name of [
      'mcs',
      'mono',
      'strace',
      'mkfs.ext4',
      'mkfs.xfs',
      'xfs_io',
      'gcc',
      'ip',
      'nft',
      'arping',
      'flock',
      'chromium',
      'nginx',
    ])
      await program(name, 'exit 0');
    expect(setUp('--tests')).toEqual({ status: 0, output: '' });
  });
});
