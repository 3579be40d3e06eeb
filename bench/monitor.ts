import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findHaproxy, startHaproxy, type HaproxySettings, type RunningProcess } from './haproxy.ts';
import type { LoopReport } from './probe-loop.ts';
import { startListeners, targetsOf, type BenchTarget } from './probe-targets.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const LOOP = 'bench/probe-loop.ts';

const USAGE = `npm run bench:monitor -- [options]
Probes thousands of targets on loopback by connecting, with our schedule and prober and with HAProxy's checks side by side,
and compares the CPU time of the two processes. Then the same with some of the targets in a black hole. Needs Linux and
HAProxy (Debian: apt-get install haproxy). On a machine that does other things, chrt -r 10 before it keeps those out of the lag.
  --targets N    (5000)
  --dead N       targets in the black hole in the second part (1000)
  --seconds N    measured time, after a warm-up (60)
  --threads N    threads of HAProxy; 0 leaves them to HAProxy, which takes one for each processor (0)
  --loop FILE    the program that is measured; what it is given and asked stands in ${LOOP}`;
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 1000;
const WARM_UP_MS = 6000;
/** Every target may hold one, and both programs need some of their own. */
const SPARE_FILES = 2000;
const MAX_CPU_RATIO = 1.5;
const MAX_P99_MS = 50;
/** HAProxy's checks cannot be counted from outside, so that what the kernel opened must come near to what is expected. */
const MIN_OPENED = 0.95;

/** Fewer successes of living targets mean that the bench's own listeners did not keep up. */
const MIN_SUCCESS = 0.99;

interface Measured {
  readonly haproxy: ProcessCost;
  readonly own: ProcessCost;
  readonly report: LoopReport;
  /** Connections that this machine began in that time, as a share of what the two processes were to begin. */
  readonly opened: number;
  /** Sockets of this machine in TIME_WAIT at the end. */
  readonly timeWaits: number;
}

interface OwnLoop extends RunningProcess {
  report(): Promise<LoopReport>;
}

async function startOwn(script: string, targets: readonly BenchTarget[]): Promise<OwnLoop> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-probes-'));
  const file = join(folder, 'targets.json');
  await writeFile(file, JSON.stringify(targets));
  const args = [script, file, String(INTERVAL_MS), String(TIMEOUT_MS)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    report: async () => {
      child.stdin.write('report\n');
      const [line] = (await once(lines, 'line')) as [string];
      return JSON.parse(line) as LoopReport;
    },
    stop: async () => {
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Connections that this machine has begun since it started (RFC 4022, tcpActiveOpens). */
function activeOpens(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('ActiveOpens')]);
}

function timeWaits(): number {
  return Number(/^TCP:.* tw (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1]);
}

/** Both at the same time, so that whatever else the machine does slows both alike. */
async function measure(haproxy: RunningProcess, own: OwnLoop, count: number, seconds: number): Promise<Measured> {
  await delay(WARM_UP_MS);
  await own.report();
  const before = [processCost(haproxy.pid), processCost(own.pid)] as const;
  const [openedBefore, beganAt] = [activeOpens(), performance.now()];
  await delay(seconds * 1000);
  const after = [processCost(haproxy.pid), processCost(own.pid)] as const;
  const expected = (2 * count * (performance.now() - beganAt)) / INTERVAL_MS;
  const spent = (index: 0 | 1): ProcessCost => {
    const [from, to] = [before[index], after[index]];
    if (from === undefined || to === undefined) throw new Error('a process ended, or there is no /proc');
    return { cpuSeconds: to.cpuSeconds - from.cpuSeconds, peakBytes: to.peakBytes };
  };
  return {
    haproxy: spent(0),
    own: spent(1),
    report: await own.report(),
    opened: (activeOpens() - openedBefore) / expected,
    timeWaits: timeWaits(),
  };
}

function costLine(name: string, { cpuSeconds, peakBytes }: ProcessCost, checks: number): string {
  const each = ((cpuSeconds * 1e6) / checks).toFixed(1);
  return `${name.padEnd(11)}${cpuSeconds.toFixed(2)} s of CPU, ${each} µs a check, ${(peakBytes / 2 ** 20).toFixed(0)} MB at most`;
}

function print({ haproxy, own, report, opened, timeWaits: waiting }: Measured, checks: number): void {
  const { lag, outcomes } = report;
  console.log(costLine('HAProxy', haproxy, checks));
  console.log(costLine('Imagefleet', own, checks));
  console.log(
    `${''.padEnd(11)}lag p50 ${lag.p50Ms.toFixed(1)}, p99 ${lag.p99Ms.toFixed(1)}, at most ${lag.maxMs.toFixed(0)} ms`,
  );
  console.log(`${''.padEnd(11)}${JSON.stringify(outcomes)}`);
  const machine = `${(opened * 100).toFixed(0)} % of the expected connections, ${String(waiting)} sockets in TIME_WAIT`;
  console.log(`Machine    ${machine}\nCPU        ${(own.cpuSeconds / haproxy.cpuSeconds).toFixed(2)} times HAProxy's`);
}

/** Sentences about what was not reached. `alive` is the share of the targets outside the black hole. */
function judge({ haproxy, own, report, opened }: Measured, alive: number): readonly string[] {
  const ratio = own.cpuSeconds / haproxy.cpuSeconds;
  const { p99Ms } = report.lag;
  const problems: string[] = [];
  if (ratio > MAX_CPU_RATIO) problems.push(`CPU is more than ${String(MAX_CPU_RATIO)} times HAProxy's`);
  if (p99Ms > MAX_P99_MS) problems.push(`p99 of the lag is above ${String(MAX_P99_MS)} ms`);
  const made = Object.values(report.outcomes).reduce((sum, count) => sum + count, 0);
  if ((report.outcomes.success ?? 0) < MIN_SUCCESS * alive * made) problems.push('living targets did not answer');
  if (opened < MIN_OPENED) problems.push('not all checks were made, so the two cannot be compared');
  return problems;
}

interface BenchOptions {
  readonly count: number;
  readonly dead: number;
  readonly seconds: number;
  readonly threads: number;
  readonly loop: string;
}

function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      targets: { type: 'string', default: '5000' },
      dead: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      threads: { type: 'string', default: '0' },
      loop: { type: 'string', default: join(import.meta.dirname, 'probe-loop.ts') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const number = (name: 'targets' | 'dead' | 'seconds' | 'threads', min: number, max: number): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new Error(`--${name}: ${String(min)} to ${String(max)}`);
  };
  const count = number('targets', 10, 60_000);
  const dead = number('dead', 0, count);
  return { count, dead, seconds: number('seconds', 1, 3600), threads: number('threads', 0, 64), loop: values.loop };
}

async function run(program: string, options: BenchOptions): Promise<void> {
  const { count, seconds, threads, loop } = options;
  const listeners = await startListeners();
  try {
    for (const dead of options.dead > 0 ? [0, options.dead] : [0]) {
      console.log(
        `\n${String(count)} targets every ${String(INTERVAL_MS / 1000)} s, ${String(dead)} of them in a black hole`,
      );
      const targets = targetsOf(count, dead, listeners);
      const settings: HaproxySettings = { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, threads };
      const haproxy = await startHaproxy(program, targets, settings);
      const own = await startOwn(loop, targets);
      try {
        const measured = await measure(haproxy, own, count, seconds);
        print(measured, (count * seconds * 1000) / INTERVAL_MS);
        const problems = judge(measured, 1 - dead / count);
        for (const problem of problems) console.log(problem);
        if (problems.length > 0) process.exitCode = 1;
      } finally {
        await Promise.all([haproxy.stop(), own.stop()]);
      }
    }
  } finally {
    await listeners.stop();
  }
}

if (import.meta.main) {
  const options = readOptions();
  const found = findHaproxy();
  if (found === undefined) {
    console.error('HAProxy is not installed; it is what is compared with. On Debian: apt-get install haproxy');
    process.exit(2);
  }
  // Node raises its soft limit to the hard one when it starts, and HAProxy does the same: the hard one counts.
  const files = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  if (files < options.count + SPARE_FILES) {
    const wanted = String(options.count + SPARE_FILES);
    console.error(
      `only ${String(files)} open files are allowed; raise it as root: prlimit --nofile=${wanted} npm run …`,
    );
    process.exit(2);
  }
  const threads = options.threads === 0 ? 'its own number of threads' : `${String(options.threads)} thread(s)`;
  console.log(`HAProxy ${found.version} with ${threads}, Node ${process.version}`);
  await run(found.program, options);
}
