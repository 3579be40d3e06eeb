import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { legacyCandidates, resolveLegacy } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import type { ResolvableServer } from '@imagefleet/shared/common/resolver/resolvable-server.ts';
import { resolvableServers } from '@imagefleet/shared/testing/resolvable-servers.ts';
import { runCli } from './testing/run-cli.ts';

const KEYS = ['hes15avqrw1pcft4wx4uywwz', 'ewj2o0xjshixsj4krderjpsm', 'abcdefghijklmnopqrstuvwx'];
const SERVERS = resolvableServers(5, (index) => ({ online: index !== 2, weight: index === 0 ? 2 : 1 }));

function json(servers: readonly ResolvableServer[]): string {
  return JSON.stringify({ generation: 7, servers: servers.map((server) => ({ ...server, state: 'up' })) });
}

function xml(servers: readonly ResolvableServer[]): string {
  const lines = servers.map(
    ({ host, port, online }) => `<add Host="${host}" Port="${String(port)}" Online="${String(online)}" />`,
  );
  return `<SessionStateServers><Servers>${lines.join('')}</Servers></SessionStateServers>`;
}

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('imagefleet resolve', () => {
  let dir: string;
  let file: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-resolve-'));
    file = join(dir, 'status');
    await writeFile(file, json(SERVERS));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('prints a line for each key: the server that a web application takes', async () => {
    const resolver = createResolver(SERVERS);
    const { code, out, err } = await runCli(['resolve', ...KEYS, '--status-file', 'status'], { cwd: dir });
    expect(out.split('\n')).toEqual(KEYS.map((key) => `${resolver.first(key)?.host ?? ''}:42424`));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('answers in legacy mode as ASP.NET takes it, from the file that ASP.NET reads', async () => {
    await writeFile(file, xml(SERVERS));
    const { code, out } = await runCli(['resolve', ...KEYS, '--status-file', file, '--mode', 'legacy']);
    expect(out.split('\n')).toEqual(KEYS.map((key) => `tcpip=${resolveLegacy(key, SERVERS)?.host ?? ''}:42424`));
    expect(code).toBe(0);
  });

  it.each(['rendezvous', 'legacy'])('lists all candidates in their order with --json: %s', async (mode) => {
    const args = ['resolve', ...KEYS, '--status-file', file, '--mode', mode, '--json'];
    const { out } = await runCli(args);
    const resolver = createResolver(SERVERS);
    const expected = KEYS.map((key) => ({
      key,
      candidates: (mode === 'legacy' ? legacyCandidates(key, SERVERS) : resolver.resolve(key)).map(
        ({ host, port }) => ({ host, port }),
      ),
    }));
    expect(out.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(expected);
    expect(expected[0]?.candidates.length).toBe(4);
  });

  it('reads keys from standard input while they come, and from a file', async () => {
    const direct = await runCli(['resolve', ...KEYS, '--status-file', file]);
    const input = () =>
      bytesOf(`${KEYS[0] ?? ''}\r\n${KEYS[1]?.slice(0, 5) ?? ''}`, `${KEYS[1]?.slice(5) ?? ''}\n`, KEYS[2] ?? '');
    const streamed = await runCli(['resolve', '--keys-from', '-', '--status-file', file], { input });
    expect(streamed).toEqual(direct);
    await writeFile(join(dir, 'keys.txt'), `${KEYS.join('\n')}\n`);
    expect(await runCli(['resolve', '--keys-from', 'keys.txt', '--status-file', 'status'], { cwd: dir })).toEqual(
      direct,
    );
  });

  it('says when nobody is online: an empty line or the bare prefix for each key, exit code 1', async () => {
    await writeFile(file, json(SERVERS.map((server) => ({ ...server, online: false }))));
    const plain = await runCli(['resolve', 'a', 'b', '--status-file', file]);
    expect(plain).toEqual({ code: 1, out: '\n', err: 'none of the 5 servers in the status file is online' });
    const legacy = await runCli(['resolve', ...KEYS, '--status-file', file, '--mode', 'legacy'], { language: 'zh' });
    expect(legacy).toEqual({ code: 1, out: 'tcpip=\ntcpip=\ntcpip=', err: '状态文件中的 5 台服务器都不在线' });
    const listed = await runCli(['resolve', 'a', '--status-file', file, '--json']);
    expect(listed).toMatchObject({ code: 1, out: '{"key":"a","candidates":[]}' });
    await writeFile(file, json([]));
    expect((await runCli(['resolve', 'a', '--status-file', file])).code).toBe(1);
  });

  it('goes on after a key that is no session id, and counts them at the end', async () => {
    const input = () => bytesOf('no id\n', `${KEYS[0] ?? ''}\n\n`);
    const args = ['resolve', '--keys-from', '-', '--status-file', file, '--mode', 'legacy'];
    const { code, out, err } = await runCli(args, { input });
    expect(out.split('\n')).toEqual([
      'tcpip=',
      `tcpip=${resolveLegacy(KEYS[0] ?? '', SERVERS)?.host ?? ''}:42424`,
      'tcpip=',
    ]);
    expect(err).toBe('2 of 3 keys have no server: they are no session ids');
    expect(code).toBe(1);
  });

  it('tells a file that is not there or no status file by its code, with exit code 2', async () => {
    const missing = await runCli(['resolve', 'a', '--status-file', join(dir, 'none')]);
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('[STATUS_UNREADABLE]');
    expect(missing.err).toContain('→ Does the monitor run');
    expect((await runCli(['resolve', 'a', '--status-file', dir])).err).toContain('[STATUS_UNREADABLE]');
    await writeFile(file, '<SessionStateServers><Servers><add Host="x"');
    const broken = await runCli(['resolve', 'a', '--status-file', file, '--json']);
    expect(broken.code).toBe(2);
    expect(JSON.parse(broken.out)).toMatchObject({ error: { code: 'STATUS_FILE_INVALID' } });
    await writeFile(file, Buffer.alloc(17 * 1024 * 1024, ' '));
    expect((await runCli(['resolve', 'a', '--status-file', file], { language: 'zh' })).err).toContain(
      '状态文件已损坏或格式不对 [STATUS_FILE_INVALID]',
    );
  });

  it.each([
    [[]],
    [['a', '--keys-from', '-', '--status-file', 'status']],
    [['--status-file', 'status']],
    [['a']],
    [['a', '--status-file', 'status', '--mode', 'modulo']],
    [['--status-file', 'status', '--keys-from', 'none.txt']],
  ])('refuses the wrong usage %j with exit code 2 and a sentence', async (args) => {
    const { code, out, err } = await runCli(['resolve', ...args], { cwd: dir });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  it('warns of legacy in its help, in both languages', async () => {
    expect((await runCli(['resolve', '--help'])).out).toContain('it never uses every fourth of them');
    expect((await runCli(['resolve', '--help'], { language: 'zh' })).out).toContain('每四台中有一台永远分不到键');
  });
});
