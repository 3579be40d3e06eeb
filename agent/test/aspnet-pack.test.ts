import { execFileSync, spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { resolveLegacy } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { resolvableServers } from '@imagefleet/shared/testing/resolvable-servers.ts';

const hasMono = spawnSync('mcs', ['--version']).status === 0 && spawnSync('mono', ['--version']).status === 0;
if (!hasMono) console.warn('aspnet-pack: skipped, Mono (mono-mcs, mono-runtime) is not on this machine');

const ROOT = join(import.meta.dirname, '../..');
const PACK = join(ROOT, 'shared/aspnet');
const FIXTURES = join(import.meta.dirname, 'fixtures/aspnet');
/** Session ids as ASP.NET makes them. */
const SESSIONS = ['abcdefghijklmnopqrstuvwx', 'hes15avqrw1pcft4wx4uywwz', 'ewj2o0xjshixsj4krderjpsm'];

/** What the files of the pack are compiled with: .NET's own interface where this Mono has it, else its copy. */
function webReference(dir: string): readonly string[] {
  const probe = spawnSync('mcs', ['-r:System.Web', `-out:${join(dir, 'probe.exe')}`, join(FIXTURES, 'Probe.cs')]);
  if (probe.status === 0) return ['-r:System.Web'];
  console.warn(
    'aspnet-pack: this Mono has no System.Web; PartitionResolver.cs is compiled against a copy of its interface',
  );
  return [join(FIXTURES, 'IPartitionResolver.cs')];
}

function webConfig(mode: string | undefined): string {
  const setting = mode === undefined ? '' : `<add key="PartitionResolverMode" value="${mode}" />`;
  return `<configuration>
  <configSections>
    <section name="SessionStateServers" type="ServerListSectionHandler, pack" restartOnExternalChanges="false" />
  </configSections>
  <appSettings>${setting}</appSettings>
  <SessionStateServers configSource="server_status.config.xml" />
</configuration>
`;
}

/** As it was published for the old scheme; the list of assemblies leaves out what this Mono does not have. */
const SITE_CONFIG = `<configuration>
  <configSections>
    <section name="SessionStateServers" type="ServerListSectionHandler" restartOnExternalChanges="false" />
  </configSections>
  <SessionStateServers configSource="server_status.config.xml" />
  <system.web>
    <compilation>
      <assemblies>
        <clear />
        <add assembly="System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089" />
        <add assembly="System.Configuration, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a" />
        <add assembly="System.Web, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a" />
      </assemblies>
    </compilation>
  </system.web>
</configuration>
`;

function statusFile(online: readonly boolean[]): string {
  const lines = online.map(
    (isOnline, index) => `    <add Host="state${String(index + 1)}" Port="42424" Online="${String(isOnline)}" />\n`,
  );
  return `<SessionStateServers>\n  <!-- generation 7 -->\n  <Servers>\n${lines.join('')}  </Servers>\n</SessionStateServers>\n`;
}

describe.skipIf(!hasMono)('the pack for ASP.NET applications, under Mono', () => {
  let dir: string;
  let hasWeb: boolean;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-aspnet-'));
    const sources = (await readdir(PACK)).filter((name) => name.endsWith('.cs')).map((name) => join(PACK, name));
    const strict = ['-langversion:5', '-warn:4', '-warnaserror'];
    const web = webReference(dir);
    hasWeb = web.includes('-r:System.Web');
    const pack = join(dir, 'pack.dll');
    execFileSync('mcs', [...strict, '-target:library', `-out:${pack}`, '-r:System.Configuration', ...web, ...sources]);
    for (const name of ['PackCheck', 'PackHost']) {
      const references = [`-r:${pack}`, '-r:System.Configuration', ...web.filter((option) => option.startsWith('-r:'))];
      execFileSync('mcs', [`-out:${join(dir, `${name}.exe`)}`, ...references, join(FIXTURES, `${name}.cs`)]);
    }
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('answers every golden vector, as TypeScript does', () => {
    const files = ['legacy.tsv', 'rendezvous.tsv'].map((name) => join(ROOT, 'shared/vectors', name));
    const { status, stdout, stderr } = spawnSync('mono', [join(dir, 'PackCheck.exe'), ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d{5,} answers as in the vectors\n$/);
    expect(status).toBe(0);
  });

  /** A running application with this status file; `ask` sends one line and gives the answer. */
  async function startHost(mode?: string, options: readonly string[] = []) {
    await writeFile(join(dir, 'PackHost.exe.config'), webConfig(mode));
    const host = spawn('mono', [join(dir, 'PackHost.exe'), ...options]);
    onTestFinished(() => stop(host));
    const lines = createInterface({ input: host.stdout })[Symbol.asyncIterator]();
    const next = async () => String((await lines.next()).value);
    const ask = async (line: string) => {
      host.stdin.write(`${line}\n`);
      return next();
    };
    return { mode: await next(), ask };
  }

  async function stop(host: ChildProcessWithoutNullStreams): Promise<void> {
    if (host.exitCode !== null) return;
    host.stdin.end();
    await once(host, 'exit');
  }

  /** As the monitor does it. */
  async function replaceStatus(content: string): Promise<void> {
    await writeFile(join(dir, 'server_status.config.xml.tmp'), content);
    await rename(join(dir, 'server_status.config.xml.tmp'), join(dir, 'server_status.config.xml'));
  }

  it.each([undefined, 'rendezvous', 'Legacy'])('resolves in the mode of the appSetting: %s', async (setting) => {
    const flags = [true, false, true, true, false];
    await replaceStatus(statusFile(flags));
    const { mode, ask } = await startHost(setting);
    expect(mode).toBe(setting === 'Legacy' ? 'Legacy' : 'Rendezvous');
    const servers = resolvableServers(flags.length, (index) => ({ online: flags[index] === true }));
    const rendezvous = createResolver(servers);
    for (const id of SESSIONS) {
      const server = setting === 'Legacy' ? resolveLegacy(id, servers) : rendezvous.first(id);
      expect(await ask(id)).toBe(`tcpip=${server?.host ?? ''}:42424`);
    }
  });

  it('reads a changed file without a restart, and keeps the last good content while it is broken or gone', async () => {
    await replaceStatus(statusFile([true, false]));
    const { ask } = await startHost('rendezvous', ['rereads']);
    const [id = ''] = SESSIONS;
    expect(await ask(id)).toBe('tcpip=state1:42424');
    await replaceStatus(statusFile([false, true]));
    await ask('!refresh');
    expect(await ask(id)).toBe('tcpip=state2:42424');
    for (const broken of [
      '',
      '<SessionStateServers><Servers><add Host="state1"',
      statusFile([true]).replace('Port="42424"', 'Port="many"'),
      statusFile([true]).replace('Online=', 'Weight="1" Online='),
    ]) {
      await replaceStatus(broken);
      await ask('!refresh');
      expect(await ask(id)).toBe('tcpip=state2:42424');
      expect(await ask('!problem')).not.toBe('none');
    }
    await rm(join(dir, 'server_status.config.xml'));
    await ask('!refresh');
    expect(await ask(id)).toBe('tcpip=state2:42424');
    await replaceStatus(statusFile([true, false]));
    await ask('!refresh');
    expect(await ask(id)).toBe('tcpip=state1:42424');
    expect(await ask('!problem')).toBe('none');
  });

  it('answers the bare prefix when nobody is online, for no key, and before any file was good', async () => {
    await replaceStatus(statusFile([false, false]));
    const allDown = await startHost();
    expect(await allDown.ask(SESSIONS[0] ?? '')).toBe('tcpip=');
    expect(await allDown.ask('!null')).toBe('tcpip=');
    await replaceStatus('<nonsense');
    const broken = await startHost('legacy');
    expect(await broken.ask(SESSIONS[0] ?? '')).toBe('tcpip=');
  });

  it('takes two ports on one host, which the old section could not read', async () => {
    await replaceStatus(statusFile([false, true]).replaceAll(/state(\d)" Port="42424/g, 'localhost" Port="4242$1'));
    const { ask } = await startHost();
    expect(await ask(SESSIONS[0] ?? '')).toBe('tcpip=localhost:42422');
  });

  it('runs in App_Code of a web site, with the web.config of old applications', async ({ skip }) => {
    if (!hasWeb) skip('this Mono has no System.Web');
    const site = join(dir, 'site');
    await cp(PACK, join(site, 'App_Code'), { recursive: true, filter: (name) => !name.endsWith('.md') });
    await cp(join(FIXTURES, 'resolve.ashx'), join(site, 'resolve.ashx'));
    await mkdir(join(site, 'bin'));
    const host = join(site, 'bin/WebHost.exe');
    execFileSync('mcs', ['-r:System.Web', `-out:${host}`, join(FIXTURES, 'WebHost.cs')]);
    const servers = resolvableServers(3, (index) => ({ online: index !== 0 }));
    await writeFile(join(site, 'web.config'), SITE_CONFIG);
    await writeFile(join(site, 'server_status.config.xml'), statusFile(servers.map(({ online }) => online)));
    const { stdout } = spawnSync('mono', [host, site], { input: `${SESSIONS.join('\n')}\n`, encoding: 'utf8' });
    const resolver = createResolver(servers);
    expect(stdout.trim().split('\n')).toEqual(SESSIONS.map((id) => `tcpip=${resolver.first(id)?.host ?? ''}:42424`));
  });

  it('refuses a mode that it does not know, and names the setting', async () => {
    await replaceStatus(statusFile([true]));
    await writeFile(join(dir, 'PackHost.exe.config'), webConfig('modulo'));
    const { status, stderr } = spawnSync('mono', [join(dir, 'PackHost.exe')], { input: '', encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('PartitionResolverMode is "modulo"; it must be "rendezvous" or "legacy"');
  });
});
