import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { runHookScript, type HookResult, type ToldEvent } from './support/hook-run.ts';

const ORDER = '10.1.2.1:7401=203.0.113.1 10.1.2.2:7401=203.0.113.2 [2001:db8::3]:7401=2001:db8::3';
const FIRST_DOWN: ToldEvent = { online: ['10.1.2.2:7401', '[2001:db8::3]:7401'] };
const ALL_UP: ToldEvent = { to: 'up', online: ['10.1.2.1:7401', '10.1.2.2:7401', '[2001:db8::3]:7401'] };

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-hooks-'));
  // Stands for nsupdate: writes down what it gets.
  await writeFile(join(dir, 'nsupdate'), `#!/bin/sh\necho "args: $*" >> ${dir}/updates\ncat >> ${dir}/updates\n`);
  await chmod(join(dir, 'nsupdate'), 0o755);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function updates(): Promise<string> {
  return readFile(join(dir, 'updates'), 'utf8').catch(() => '');
}

describe('the DNS switch', () => {
  function run(told: ToldEvent, ...extra: readonly string[]): Promise<HookResult> {
    const args = [
      '--zone',
      'example.com',
      '--name',
      'i-1.example.com',
      '--order',
      ORDER,
      '--state',
      join(dir, 'state'),
    ];
    return runHookScript({ script: 'dns-switch.sh', args: [...args, ...extra], path: dir }, told);
  }

  it('points the name at the first server that is online, in one update', async () => {
    const result = await run(FIRST_DOWN, '--dns-server', 'ns1.example.com', '--key', '/etc/ddns.key', '--ttl', '60');
    expect(result).toEqual({ code: null, output: 'dns-switch.sh: i-1.example.com points at 203.0.113.2' });
    expect((await updates()).split('\n')).toEqual([
      'args: -t 5 -k /etc/ddns.key',
      'server ns1.example.com',
      'zone example.com',
      'update delete i-1.example.com. A',
      'update add i-1.example.com. 60 A 203.0.113.2',
      'send',
      '',
    ]);
  });

  it('points it back when the first is online again, and at an IPv6 address with the record for that', async () => {
    await run({ online: ['[2001:db8::3]:7401'] });
    expect(await updates()).toContain('update add i-1.example.com. 30 AAAA 2001:db8::3');
    await run({ ...ALL_UP, generation: 2 });
    expect(await updates()).toContain('update add i-1.example.com. 30 A 203.0.113.1');
  });

  it('shows in a dry run what it would send, and sends nothing', async () => {
    const { output } = await run(FIRST_DOWN, '--dry-run');
    expect(output).toContain('update add i-1.example.com. 30 A 203.0.113.2');
    expect(await updates()).toBe('');
  });

  it('believes no silence that nobody confirms, unless it is told to', async () => {
    const unconfirmed = { ...FIRST_DOWN, isConfirmed: false };
    expect((await run(unconfirmed)).output).toContain('nobody confirms that s1 is down');
    expect(await updates()).toBe('');
    await run(unconfirmed, '--unconfirmed');
    expect(await updates()).toContain('203.0.113.2');
  });

  it('is left to the first server that is online, where it runs on all of them', async () => {
    await run(FIRST_DOWN, '--self', '[2001:db8::3]:7401');
    expect(await updates()).toBe('');
    await run(FIRST_DOWN, '--self', '10.1.2.2:7401');
    expect(await updates()).toContain('203.0.113.2');
  });

  it('changes nothing when nobody is online, or when something newer was seen', async () => {
    expect((await run({ online: [] })).output).toContain('nobody of the order is online');
    await run({ ...ALL_UP, generation: 7 });
    expect((await run({ ...FIRST_DOWN, generation: 6 })).output).toContain('older than 7');
    expect(await updates()).not.toContain('203.0.113.2');
  });

  it.each([
    ['a name that is more than a name', ['--name', 'x\nupdate delete example.com.']],
    ['a time that is no number', ['--ttl', '30 A 6.6.6.6']],
    ['an address that is none', ['--order', '10.1.2.2:7401=evil.example.com']],
    ['an order without addresses', ['--order', '10.1.2.2:7401']],
    ['an option that it does not know', ['--sudo']],
    ['an option without its value', ['--ttl']],
  ])('refuses %s', async (_name, extra) => {
    expect((await run(FIRST_DOWN, ...extra)).code).toBe('HOOK_FAILED');
    expect(await updates()).toBe('');
  });

  it('fails when the update fails', async () => {
    await writeFile(join(dir, 'nsupdate'), '#!/bin/sh\necho "update failed: REFUSED" >&2\nexit 2\n');
    expect(await run(FIRST_DOWN)).toEqual({ code: 'HOOK_FAILED', output: 'update failed: REFUSED' });
  });
});

describe('the DNS switch by the API of a provider', () => {
  let provider: StubServer;
  let requests: { readonly token: string | undefined; readonly body: string; readonly command: string }[];
  let status: number;

  beforeEach(async () => {
    requests = [];
    status = 200;
    await writeFile(join(dir, 'token'), 'secret-token\n');
    provider = await startStubServer(async (request, response) => {
      const { method = '', url = '', headers } = request;
      requests.push({
        command: `${method} ${url}`,
        token: headers.authorization,
        body: (await readBody(request)).toString(),
      });
      response.writeHead(status).end('{}');
    });
  });

  afterEach(() => provider.close());

  function run(told: ToldEvent, ...extra: readonly string[]): Promise<HookResult> {
    const args = ['--method', 'PATCH', '--url', `${provider.url}/zones/z/dns_records/r`, '--order', ORDER];
    const body = ['--body', '{"content":"@ADDRESS@","ttl":60}', '--token-file', join(dir, 'token')];
    const state = ['--state', join(dir, 'state')];
    return runHookScript({ script: 'dns-api.sh', args: [...args, ...body, ...state, ...extra] }, told);
  }

  it('sends the address of the first server that is online, with the token in a header', async () => {
    expect(await run(FIRST_DOWN)).toMatchObject({
      code: null,
      output: expect.stringContaining('points at 203.0.113.2') as string,
    });
    expect(requests).toEqual([
      {
        ...{ command: 'PATCH /zones/z/dns_records/r', token: 'Bearer secret-token' },
        body: '{"content":"203.0.113.2","ttl":60}',
      },
    ]);
  });

  it('shows the request in a dry run, without the token', async () => {
    const { output } = await run(FIRST_DOWN, '--dry-run');
    expect(output).toContain('{"content":"203.0.113.2","ttl":60}');
    expect(output).not.toContain('secret-token');
    expect(requests).toEqual([]);
  });

  it('believes no silence that nobody confirms, and is left to the first server that is online', async () => {
    await run({ ...FIRST_DOWN, isConfirmed: false });
    await run(FIRST_DOWN, '--self', '10.1.2.1:7401');
    expect(requests).toEqual([]);
  });

  it('fails when the provider refuses', async () => {
    status = 403;
    expect(await run(FIRST_DOWN)).toMatchObject({
      code: 'HOOK_FAILED',
      output: expect.stringContaining('403') as string,
    });
  });

  it('sends no token without encryption to another machine', async () => {
    expect((await run(FIRST_DOWN, '--url', 'http://api.example.com/')).code).toBe('HOOK_FAILED');
  });
});
