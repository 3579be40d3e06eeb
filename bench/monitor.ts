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
import { processCost } from './process-cost.ts';

const USAGE = `npm run bench:monitor -- [options]
Probes thousands of targets on loopback by connecting, with our schedule and prober and with HAProxy's checks in turn, and
compares the CPU time of the two processes. Then the same with some of the targets in a black hole. Needs Linux and HAProxy
(Debian: apt-get install haproxy).
  --targets N    (5000)
  --dead N       targets in the black hole in the second part (1000)
  --seconds N    measured time of each process, after a warm-up (60)
  --threads N    threads of HAProxy; 0 leaves them to HAProxy, which takes one for each processor (1)`;
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 1000;
const WARM_UP_MS = 6000;
/** Every target may hold one, and both programs need some of their own. */
const SPARE_FILES = 2000;
const MAX_CPU_RATIO = 1.5;
const MAX_P99_MS = 50;
/** HAProxy's checks cannot be counted from outside, so that what the kernel opened must come near to what is expected. */
const MIN_OPENED = 0.95;

interface Measured {
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** Connections that the whole machine began in that time, in share of what the process was to begin. */
  readonly opened: number;
  readonly report?: LoopReport;
}

interface OwnLoop extends RunningProcess {
  report(): Promise<LoopReport>;
}

async function startOwn(targets: readonly BenchTarget[]): Promise<OwnLoop> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-probes-'));
  const file = join(folder, 'targets.json');
  await writeFile(file, JSON.stringify(targets));
  const script = join(import.meta.dirname, 'probe-loop.ts');
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

async function measure(running: RunningProcess | OwnLoop, count: number, seconds: number): Promise<Measured> {
  try {
    await delay(WARM_UP_MS);
    if ('report' in running) await running.report();
    const [before, openedBefore, beganAt] = [processCost(running.pid), activeOpens(), performance.now()];
    await delay(seconds * 1000);
    const after = processCost(running.pid);
    const expected = (count * (performance.now() - beganAt)) / INTERVAL_MS;
    const opened = (activeOpens() - openedBefore) / expected;
    const report = 'report' in running ? { report: await running.report() } : {};
    if (before === undefined || after === undefined) throw new Error('the process ended, or there is no /proc');
    return { cpuSeconds: after.cpuSeconds - before.cpuSeconds, peakBytes: after.peakBytes, opened, ...report };
  } finally {
    await running.stop();
  }
}

function describe(name: string, { cpuSeconds, peakBytes, opened, report }: Measured, seconds: number): string {
  const cost = `${((cpuSeconds / seconds) * 100).toFixed(1)} % of a processor, ${(peakBytes / 2 ** 20).toFixed(0)} MB at most`;
  const line = `${name.padEnd(11)}${cost}, ${(opened * 100).toFixed(0)} % of the connections begun`;
  if (report === undefined) return line;
  const { p50Ms, p99Ms, maxMs } = report.lag;
  const lag = `lag p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, at most ${maxMs.toFixed(0)} ms`;
  return `${line}\n${''.padEnd(11)}${lag}; ${JSON.stringify(report.outcomes)}`;
}

/** Sentences about what was not reached. */
function judge(own: Measured, haproxy: Measured): readonly string[] {
  const ratio = own.cpuSeconds / haproxy.cpuSeconds;
  const p99Ms = own.report?.lag.p99Ms ?? Infinity;
  const problems: string[] = [];
  if (ratio > MAX_CPU_RATIO)
    problems.push(`CPU is ${ratio.toFixed(2)} times HAProxy's, above ${String(MAX_CPU_RATIO)}`);
  if (p99Ms > MAX_P99_MS) problems.push(`p99 of the lag is ${p99Ms.toFixed(0)} ms, above ${String(MAX_P99_MS)}`);
  for (const { opened } of [own, haproxy]) {
    if (opened < MIN_OPENED)
      problems.push(`only ${(opened * 100).toFixed(0)} % of the connections were begun: not comparable`);
  }
  return problems;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      targets: { type: 'string', default: '5000' },
      dead: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      threads: { type: 'string', default: '1' },
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
  const targets = number('targets', 10, 60_000);
  const dead = number('dead', 0, targets);
  return { targets, dead, seconds: number('seconds', 1, 3600), threads: number('threads', 0, 64) };
}

if (import.meta.main) {
  const { targets: count, dead, seconds, threads } = readOptions();
  const found = findHaproxy();
  if (found === undefined) {
    console.error('HAProxy is not installed; it is what is compared with. On Debian: apt-get install haproxy');
    process.exit(2);
  }
  // Node raises its soft limit to the hard one when it starts, and HAProxy does the same: the hard one counts.
  const files = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  if (files < count + SPARE_FILES) {
    console.error(`only ${String(files)} open files are allowed; raise it: ulimit -Hn ${String(count + SPARE_FILES)}`);
    process.exit(2);
  }
  const settings: HaproxySettings = { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, threads };
  console.log(
    `HAProxy ${found.version}, ${threads === 0 ? 'its own number of' : String(threads)} thread(s); Node ${process.version}`,
  );
  const listeners = await startListeners();
  try {
    for (const deadCount of dead > 0 ? [0, dead] : [0]) {
      console.log(
        `\n${String(count)} targets every ${String(INTERVAL_MS / 1000)} s, ${String(deadCount)} of them in a black hole`,
      );
      const targets = targetsOf(count, deadCount, listeners);
      const haproxy = await measure(await startHaproxy(found.program, targets, settings), count, seconds);
      console.log(describe('HAProxy', haproxy, seconds));
      const own = await measure(await startOwn(targets), count, seconds);
      console.log(describe('Imagefleet', own, seconds));
      console.log(`CPU: ${(own.cpuSeconds / haproxy.cpuSeconds).toFixed(2)} times HAProxy's`);
      for (const problem of judge(own, haproxy)) {
        console.log(problem);
        process.exitCode = 1;
      }
    }
  } finally {
    await listeners.stop();
  }
}
