import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { makeFleet, type AgentProcess } from './support/agent-process.ts';
import { skipFor } from './support/durability-run.ts';
import { upload } from './support/upload.ts';

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=fsync', 'true']).status === 0;
if (!canTrace) console.warn('syscalls: skipped, strace is not on this machine or may not trace');

it('acknowledges an upload only after fdatasync, rename, directory sync and the commit of its row', async (ctx) => {
  if (!canTrace) skipFor(ctx, 'strace is not on this machine or may not trace');
  const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  const agent = (await makeFleet(dir, 1))[0] as AgentProcess;
  await agent.start();
  try {
    await upload(agent, { name: 'warm.png', bytes: pngImage({ seed: 0 }) });
    const trace = join(dir, 'trace');
    const calls = 'trace=fdatasync,fsync,rename,renameat,renameat2,write,writev,sendto,sendmsg';
    const strace = spawn('strace', ['-f', '-y', '-s', '64', '-e', calls, '-o', trace, '-p', String(agent.pid)], {
      stdio: 'ignore',
    });
    await delay(1000);
    const image = await upload(agent, { name: 'traced.png', bytes: pngImage({ seed: 1, sizeBytes: 20_000 }) });
    await delay(500);
    const ended = once(strace, 'exit');
    strace.kill('SIGINT');
    await ended;

    const lines = (await readFile(trace, 'utf8')).split('\n');
    const folder = image.path.split('/').slice(0, -1).join('/');
    /** Index of the line where the call returned. strace splits a call that another thread interrupts into two lines. */
    const finished = (call: RegExp, from: number): number => {
      const start = lines.findIndex((line, index) => index > from && call.test(line));
      const line = lines[start] ?? '';
      if (!line.includes('<unfinished')) return start;
      const thread = line.slice(0, line.indexOf(' '));
      return lines.findIndex((next, index) => index > start && next.startsWith(thread) && next.includes('resumed'));
    };
    const synced = finished(/fdatasync\(\d+<[^>]*\/tmp\//, -1);
    const renamed = finished(new RegExp(`rename.*${image.path}`), synced);
    const directory = finished(new RegExp(`fsync\\(\\d+<[^>]*${folder}>`), renamed);
    const committed = finished(/f(data)?sync\(\d+<[^>]*catalog\.sqlite-wal/, directory);
    const answered = lines.findIndex((line) => line.includes('HTTP/1.1 201'));
    expect(
      [synced, renamed, directory, committed, answered].every((index) => index >= 0),
      lines.join('\n'),
    ).toBe(true);
    expect([synced, renamed, directory, committed, answered]).toEqual(
      [synced, renamed, directory, committed, answered].sort((a, b) => a - b),
    );
  } finally {
    await agent.stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  }
});
