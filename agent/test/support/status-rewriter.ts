import { writeSync } from 'node:fs';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { StatusFiles } from '#monitor/status-files/status-files.ts';
import { snapshotOfTurn, statusSettings } from './status-turns.ts';

/**
 * A process that rewrites the status files of a folder without a pause, each time with the next generation, until it is
 * killed. Prints a generation when all files have it. `argv`: the folder, how many of the files
 * to keep, and the period of their leases in milliseconds.
 */
const [, , folder = '', count = '3', leasePeriodMs = '20'] = process.argv;
const files = new StatusFiles({
  files: statusSettings(folder).slice(0, Number(count)),
  logger: silentLogger,
  now: () => Date.now(),
  leasePeriodMs: Number(leasePeriodMs),
});
await files.start();
for (let generation = files.held.generation + 1; ; generation += 1) {
  files.apply(snapshotOfTurn(generation));
  await files.tried();
  const [problem] = files.problems();
  if (problem !== undefined) throw new Error(problem.message);
  // Not through a stream: what is printed must be out before the process can be killed in the next write.
  writeSync(1, `${String(generation)}\n`);
}
