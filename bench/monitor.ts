import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findHaproxy, startHaproxy, type HaproxySettings, type RunningProcess } from './haproxy.ts';
import { startListeners, targetsOf, type BenchTarget } from './probe-targets.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const COMMAND = join(import.meta.dirname, '../agent/bin/imagefleet.mjs');

const USAGE = `npm run bench:monitor -- [options]
Watches thousands of targets on loopback by connecting, with "imagefleet monitor" as it is (verdicts, status file, history)
and with HAProxy's checks side by side, and compares the CPU time that each takes for a check. Then the same with some of the targets in a black hole. Needs Linux and
HAProxy (Debian: apt-get install haproxy). On a machine that does other things, chrt -r 10 before it keeps those out of the lag.
  --targets N    (5000)
  --dead N       targets in the black hole in the second part (1000)
  --seconds N    measured time, after a warm-up (60)
  --threads N    threads of HAProxy; 0 leaves them to HAProxy, which takes one for each processor (0)`;
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 1000;
/** Until all that answer are up: before that a monitor looks more often. */
const WARM_UP_MS = 25_000;
/** Every target may hold one, and both programs need some of their own. */
const SPARE_FILES = 2000;
const MAX_CPU_RATIO = 1.5;
const MAX_P99_MS = 50;
/** HAProxy's checks cannot be counted from outside, so that what the kernel opened must come near to what is expected. */
const MIN_OPENED = 0.95;

/** Fewer living targets that are up mean that the bench's own listeners did not keep up. */
const MIN_SUCCESS = 0.99;

interface Measured {
  readonly haproxy: ProcessCost;
  readonly own: ProcessCost;
  readonly report: Report;
  /** Checks that the monitor began in that time. */
  readonly probes: number;
  /** Connections that this machine began in that time, as a share of what the two processes were to begin. */
  readonly opened: number;
  /** Sockets of this machine in TIME_WAIT at the end. */
  readonly timeWaits: number;
}

interface Report {
  /** Since the monitor started. */
  readonly probes: number;
  /** Since the report before. */
  readonly lag: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly up: number;
  readonly states: string;
}

interface OwnMonitor extends RunningProcess {
  report(): Promise<Report>;
}

/** The product's own command, on a configuration as people write it. */
async function startOwn(targets: readonly BenchTarget[]): Promise<OwnMonitor> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-monitor-'));
  const config = join(folder, 'monitor.yaml');
  const settings = {
    ...{ listen: '127.0.0.1:0', interval: `${String(INTERVAL_MS)}ms`, timeout: `${String(TIMEOUT_MS)}ms` },
    servers: targets.map(({ host, port }) => `${host}:${String(port)}`),
    statusFiles: [{ path: join(folder, 'status.json'), format: 'json' }],
  };
  await writeFile(config, JSON.stringify(settings));
  const child = spawn(process.execPath, [COMMAND, 'monitor', '--json', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = await readyUrl(createInterface({ input: child.stdout }));
  return {
    pid: child.pid ?? 0,
    report: async () => reportOf(await (await fetch(`${url}/metrics`)).text()),
    stop: async () => {
      child.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function readyUrl(lines: Interface): Promise<string> {
  for await (const line of lines) {
    const said = JSON.parse(line) as { readonly event: string; readonly url?: string };
    if (said.event !== 'monitor.ready' || said.url === undefined) continue;
    // What it logs from here on nobody reads; it must not fill the pipe.
    lines.resume();
    return said.url;
  }
  throw new Error('the monitor ended before it was ready');
}

function reportOf(metrics: string): Report {
  const value = (name: string): number => {
    const line = metrics.split('\n').find((one) => one.startsWith(`${name} `));
    if (line === undefined) throw new Error(`the monitor has no metric ${name}`);
    return Number(line.slice(name.length + 1));
  };
  const lagMs = (quantile: string): number => 1000 * value(`imagefleet_probe_lag_seconds{quantile="${quantile}"}`);
  const states = ['up', 'warming', 'down', 'unknown'].map((state) => {
    return `${state} ${String(value(`imagefleet_watched_servers{state="${state}"}`))}`;
  });
  return {
    probes: value('imagefleet_probes_total'),
    lag: { p50Ms: lagMs('0.5'), p99Ms: lagMs('0.99'), maxMs: lagMs('1') },
    up: value('imagefleet_watched_servers{state="up"}'),
    states: states.join(', '),
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
async function measure(haproxy: RunningProcess, own: OwnMonitor, count: number, seconds: number): Promise<Measured> {
  await delay(WARM_UP_MS);
  const { probes: probesBefore } = await own.report();
  const before = [processCost(haproxy.pid), processCost(own.pid)] as const;
  const [openedBefore, beganAt] = [activeOpens(), performance.now()];
  await delay(seconds * 1000);
  const after = [processCost(haproxy.pid), processCost(own.pid)] as const;
  const tookMs = performance.now() - beganAt;
  const report = await own.report();
  const probes = report.probes - probesBefore;
  const expected = (count * tookMs) / INTERVAL_MS + probes;
  const spent = (index: 0 | 1): ProcessCost => {
    const [from, to] = [before[index], after[index]];
    if (from === undefined || to === undefined) throw new Error('a process ended, or there is no /proc');
    return { cpuSeconds: to.cpuSeconds - from.cpuSeconds, peakBytes: to.peakBytes };
  };
  return {
    haproxy: spent(0),
    own: spent(1),
    report,
    probes,
    opened: (activeOpens() - openedBefore) / expected,
    timeWaits: timeWaits(),
  };
}

function costLine(name: string, { cpuSeconds, peakBytes }: ProcessCost, checks: number): string {
  const each = ((cpuSeconds * 1e6) / checks).toFixed(1);
  return `${name.padEnd(11)}${cpuSeconds.toFixed(2)} s of CPU, ${each} µs a check, ${(peakBytes / 2 ** 20).toFixed(0)} MB at most`;
}

function print(measured: Measured, checks: number): void {
  const { haproxy, own, report, probes, opened, timeWaits: waiting } = measured;
  const { lag, states } = report;
  console.log(costLine('HAProxy', haproxy, checks));
  console.log(costLine('Imagefleet', own, probes));
  console.log(
    `${''.padEnd(11)}lag p50 ${lag.p50Ms.toFixed(1)}, p99 ${lag.p99Ms.toFixed(1)}, at most ${lag.maxMs.toFixed(0)} ms`,
  );
  console.log(`${''.padEnd(11)}${states}`);
  const machine = `${(opened * 100).toFixed(0)} % of the expected connections, ${String(waiting)} sockets in TIME_WAIT`;
  console.log(`Machine    ${machine}\nCPU        ${ratioOf(measured, checks).toFixed(2)} times HAProxy's for a check`);
}

function ratioOf({ haproxy, own, probes }: Measured, checks: number): number {
  return own.cpuSeconds / probes / (haproxy.cpuSeconds / checks);
}

/** Sentences about what was not reached. `alive` is how many of the targets are outside the black hole. */
function judge(measured: Measured, checks: number, alive: number): readonly string[] {
  const { report, opened } = measured;
  const ratio = ratioOf(measured, checks);
  const { p99Ms } = report.lag;
  const problems: string[] = [];
  if (ratio > MAX_CPU_RATIO) problems.push(`CPU is more than ${String(MAX_CPU_RATIO)} times HAProxy's`);
  if (p99Ms > MAX_P99_MS) problems.push(`p99 of the lag is above ${String(MAX_P99_MS)} ms`);
  if (report.up < MIN_SUCCESS * alive) problems.push('living targets did not answer');
  if (opened < MIN_OPENED) problems.push('not all checks were made, so the two cannot be compared');
  return problems;
}

interface BenchOptions {
  readonly count: number;
  readonly dead: number;
  readonly seconds: number;
  readonly threads: number;
}

function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      targets: { type: 'string', default: '5000' },
      dead: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      threads: { type: 'string', default: '0' },
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
  return { count, dead, seconds: number('seconds', 1, 3600), threads: number('threads', 0, 64) };
}

async function run(program: string, options: BenchOptions): Promise<void> {
  const { count, seconds, threads } = options;
  const listeners = await startListeners();
  try {
    for (const dead of options.dead > 0 ? [0, options.dead] : [0]) {
      console.log(
        `\n${String(count)} targets every ${String(INTERVAL_MS / 1000)} s, ${String(dead)} of them in a black hole`,
      );
      const targets = targetsOf(count, dead, listeners);
      const settings: HaproxySettings = { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, threads };
      const haproxy = await startHaproxy(program, targets, settings);
      const own = await startOwn(targets);
      try {
        const measured = await measure(haproxy, own, count, seconds);
        const checks = (count * seconds * 1000) / INTERVAL_MS;
        print(measured, checks);
        const problems = judge(measured, checks, count - dead);
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
