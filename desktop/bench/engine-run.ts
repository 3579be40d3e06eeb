import { monitorEventLoopDelay } from 'node:perf_hooks';
import { runEngineCommand } from '../src/engine/command/engine-command.ts';

/** The engine's command as it is, in a process that tells at its end what it took. */
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let [addedAt, highestBytes] = [0, 0];
const memory = setInterval(() => (highestBytes = Math.max(highestBytes, process.memoryUsage.rss())), 100);
const startedAt = performance.now();
process.exitCode = await runEngineCommand({
  args: process.argv.slice(2),
  print: (line) => {
    if (line.includes('"event":"added"')) addedAt = performance.now();
    process.stdout.write(`${line}\n`);
  },
  signal: new AbortController().signal,
  env: {},
  version: 'bench',
});
clearInterval(memory);
delay.disable();
const taken = {
  event: 'taken',
  addSeconds: (addedAt - startedAt) / 1000,
  seconds: (performance.now() - startedAt) / 1000,
  loopP99Ms: delay.percentile(99) / 1e6,
  loopMaxMs: delay.max / 1e6,
  highestBytes,
};
process.stdout.write(`${JSON.stringify(taken)}\n`);
