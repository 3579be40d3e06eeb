import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@imagefleet/shared/testing/probe-servers.ts';
import type { BenchTarget } from './probe-targets.ts';

const BACKEND_SERVERS = 100;
/** Debian's folder for it is not on everybody's path. */
const PROGRAMS = ['haproxy', '/usr/sbin/haproxy'];

export interface HaproxySettings {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Zero: as many as it takes by itself, one for each processor. */
  readonly threads: number;
}

/** The program and its version; undefined where it is not installed. */
export function findHaproxy(): { readonly program: string; readonly version: string } | undefined {
  for (const program of PROGRAMS) {
    const { status, stdout } = spawnSync(program, ['-v'], { encoding: 'utf8' });
    if (status === 0) return { program, version: /version (\S+)/.exec(stdout)?.[1] ?? 'unknown' };
  }
  return undefined;
}

/** A configuration that does nothing but check: by connecting, as the bare `check` of HAProxy does it. */
export function haproxyConfig(targets: readonly BenchTarget[], settings: HaproxySettings, listenPort: number): string {
  const { intervalMs, timeoutMs, threads } = settings;
  // It counts its interval from the end of a check that timed out, we from the start: so both begin as many checks.
  const downinter = Math.max(1, intervalMs - timeoutMs);
  const lines = ['global', '  maxconn 100', ...(threads > 0 ? [`  nbthread ${String(threads)}`] : [])];
  lines.push('defaults', '  mode tcp');
  for (const kind of ['connect', 'client', 'server', 'check']) lines.push(`  timeout ${kind} ${String(timeoutMs)}ms`);
  for (const [index, { name, host, port }] of targets.entries()) {
    if (index % BACKEND_SERVERS === 0) lines.push(`backend b${String(index / BACKEND_SERVERS)}`);
    lines.push(
      `  server ${name} ${host}:${String(port)} check inter ${String(intervalMs)}ms downinter ${String(downinter)}ms fall 3 rise 2`,
    );
  }
  // It does not start without something to listen at.
  lines.push('listen unused', `  bind 127.0.0.1:${String(listenPort)}`, '');
  return lines.join('\n');
}

export interface RunningProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startHaproxy(
  program: string,
  targets: readonly BenchTarget[],
  settings: HaproxySettings,
): Promise<RunningProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, haproxyConfig(targets, settings, await freePort()));
  // It tells of every server that goes down on standard error, which is part of its work but not of the bench's output.
  const child = spawn(program, ['-db', '-q', '-f', file], { stdio: 'ignore' });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
