import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { eventOf } from '../testing/hook-builders.ts';
import { ExecHook } from './exec-hook.ts';
import type { HookReport } from './hook.ts';

const NEVER = new AbortController().signal;

function shell(script: string, { timeoutMs = 10_000, environment = {} } = {}): ExecHook {
  const path = { PATH: process.env['PATH'], ...environment };
  return new ExecHook({ command: ['/bin/sh', '-c', script, 'hook'], timeoutMs, environment: path });
}

function run(script: string, options: Parameters<typeof shell>[1] = {}): Promise<HookReport> {
  return shell(script, options).run(eventOf('down', { isConfirmed: false }), NEVER);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('gives a program the event in its environment', async () => {
  const { output, failure } = await run('env | grep ^IMAGEFLEET_ | sort');
  expect(failure).toBeNull();
  expect(output.split('\n')).toEqual([
    'IMAGEFLEET_AT=2026-03-09T12:00:00.000Z',
    'IMAGEFLEET_CAUSE=PEER_TIMEOUT',
    'IMAGEFLEET_COALESCED=0',
    'IMAGEFLEET_CONFIRMED=false',
    'IMAGEFLEET_EVENT=down',
    'IMAGEFLEET_FROM=up',
    'IMAGEFLEET_GENERATION=7',
    'IMAGEFLEET_HOST=10.1.2.1',
    'IMAGEFLEET_ONLINE=10.1.2.2:7401 10.1.2.3:7401',
    'IMAGEFLEET_PORT=7401',
    'IMAGEFLEET_SERVER=s1',
    'IMAGEFLEET_TO=down',
  ]);
});

it('gives it the event as JSON on its standard input', async () => {
  const { output } = await run('cat');
  expect(JSON.parse(output)).toMatchObject({
    ...{ event: 'down', server: 's1', cause: { code: 'PEER_TIMEOUT' }, confirmed: false, generation: 7 },
    text: { en: expect.stringContaining('s1 is down') as string, zh: expect.stringContaining('s1 已下线') as string },
  });
});

it('lets it inherit everything but our own settings', async () => {
  const environment = { IMAGEFLEET_SECURITY_KEY: 'secret', ZONE: 'example.com' };
  const { output } = await run('echo "$ZONE:$IMAGEFLEET_SECURITY_KEY"', { environment });
  expect(output).toBe('example.com:');
});

it('hands arguments on as they are, without a shell that reads them', async () => {
  const command = ['printf', '%s\n', '$(touch x); `id`', 'it\'s a "name" with spaces'] as const;
  const hook = new ExecHook({ command: [...command], timeoutMs: 5000, environment: { PATH: process.env['PATH'] } });
  const { output } = await hook.run(eventOf('up', { server: '; rm -rf / #' }), NEVER);
  expect(output.split('\n')).toEqual(command.slice(2));
});

it.each([
  ['fails', 'echo broken >&2; exit 3', 'exit code 3', 'broken'],
  ['is killed by somebody', 'kill -KILL $$', 'ended by SIGKILL', ''],
])('tells of a program that %s', async (_name, script, reason, output) => {
  const report = await run(script);
  expect(report.failure).toMatchObject({ code: 'HOOK_FAILED', message: `sh failed: ${reason}` });
  expect(report.output).toBe(output);
});

it('tells of a program that is not there', async () => {
  const hook = new ExecHook({ command: ['/nowhere/hook'], timeoutMs: 1000, environment: {} });
  expect((await hook.run(eventOf('up'), NEVER)).failure).toMatchObject({ code: 'HOOK_FAILED' });
  const impossible = new ExecHook({ command: ['a\0b'], timeoutMs: 1000, environment: {} });
  expect((await impossible.run(eventOf('up'), NEVER)).failure).toMatchObject({ code: 'HOOK_FAILED' });
});

/** Runs a script that says in a file when it is at work, and ends it then. */
async function endedAtWork(script: string): Promise<{ readonly report: HookReport; readonly said: string }> {
  const file = join(await tempFolder(), 'at-work');
  const stop = new AbortController();
  const running = shell(script.replaceAll('FILE', file)).run(eventOf('down'), stop.signal);
  const read = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  await expect.poll(read, { timeout: 15_000 }).toContain('\n');
  stop.abort();
  return { report: await running, said: await read() };
}

it('ends a program at its deadline', async () => {
  const { failure } = await run('sleep 60', { timeoutMs: 100 });
  expect(failure).toMatchObject({ code: 'HOOK_TIMEOUT', message: 'sh did not end within 100 ms' });
});

it('ends everything that the program started, also what does not listen', async () => {
  const script = `trap '' TERM; sh -c 'trap "" TERM; sleep 60' & echo $$ $! > FILE; wait; sleep 60`;
  const { report, said } = await endedAtWork(script);
  expect(report.failure).toMatchObject({ code: 'HOOK_TIMEOUT' });
  const pids = said.trim().split(' ').map(Number);
  expect(pids).toHaveLength(2);
  await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
});

it('asks a program to end before it uses force', async () => {
  const { report } = await endedAtWork(`trap 'echo cleaned up; exit 0' TERM; echo > FILE; sleep 60 & wait`);
  expect(report.failure).toMatchObject({ code: 'HOOK_TIMEOUT', message: expect.stringContaining('stops') as string });
  expect(report.output).toBe('cleaned up');
});

it('ends it when the monitor stops', async () => {
  const stop = new AbortController();
  const running = shell('sleep 60').run(eventOf('up'), stop.signal);
  stop.abort();
  expect((await running).failure).toMatchObject({
    code: 'HOOK_TIMEOUT',
    message: expect.stringContaining('stops') as string,
  });
});

it('keeps a part of what a talkative program says, and needs no program that reads', async () => {
  const { output, failure } = await run('i=0; while [ $i -lt 20000 ]; do echo "line $i of many"; i=$((i+1)); done');
  expect(failure).toBeNull();
  expect(output.length).toBeLessThan(4100);
  expect(output).toContain(' … ');
});

it('does not wait for a program in the background that keeps the output open', async () => {
  const file = join(await tempFolder(), 'pid');
  const { output, failure } = await run(`sleep 30 & echo $! > ${file}; echo started`);
  expect(failure).toBeNull();
  expect(output).toBe('started');
  const pid = Number(await readFile(file, 'utf8'));
  // It is no business of the hook's deadline any more.
  expect(isAlive(pid)).toBe(true);
  process.kill(pid);
});
