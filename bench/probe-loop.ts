import { readFileSync } from 'node:fs';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import { ProbeSchedule, type ScheduleLag } from '../agent/src/monitor/probe-schedule.ts';
import type { BenchTarget } from './probe-targets.ts';

/**
 * The program that `bench/monitor.ts` measures. It gets a file with the targets, the interval and the timeout in milliseconds,
 * and prints a line when it runs. From then on each line on standard input is answered by one such document.
 */
export interface LoopReport {
  readonly lag: ScheduleLag;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** A monitor with a plan and no judgement: each target every `intervalMs`, the starts spread evenly. */
function startLoop(targets: readonly BenchTarget[], intervalMs: number, timeoutMs: number): () => LoopReport {
  const prober = new Prober();
  const byName = new Map(targets.map((target) => [target.name, { ...target, timeoutMs }]));
  let outcomes: Record<string, number> = {};
  const count = ({ kind }: Observation): void => {
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  };
  const schedule = new ProbeSchedule({
    monotonic: () => performance.now(),
    onDue: (name, dueAtMs) => {
      const target = byName.get(name);
      if (target === undefined) return;
      schedule.plan(name, dueAtMs + intervalMs);
      void prober.probe(target).then(count);
    },
  });
  const startAtMs = performance.now();
  for (const [index, { name }] of targets.entries()) {
    schedule.plan(name, startAtMs + (intervalMs * index) / targets.length);
  }
  schedule.start();
  return () => {
    const report = { lag: schedule.lag(), outcomes };
    outcomes = {};
    return report;
  };
}

if (import.meta.main) {
  const [file = '', intervalMs, timeoutMs] = process.argv.slice(2);
  const targets = JSON.parse(readFileSync(file, 'utf8')) as readonly BenchTarget[];
  const report = startLoop(targets, Number(intervalMs), Number(timeoutMs));
  process.stdin.on('data', () => console.log(JSON.stringify(report())));
  process.stdin.on('end', () => process.exit());
  console.log('ready');
}
