import { readFile } from 'node:fs/promises';
import { decodeStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { openStatusFile } from '@imagefleet/shared/node/status-file/open-status-file.ts';
import { statusSettings, wrongTurn } from './status-turns.ts';

/** What the watcher prints when its standard input ends. */
export interface WatcherReport {
  readonly reads: number;
  /** Different contents that it saw, over all files. */
  readonly generations: number;
  /** Different contents that the reader for applications told of. */
  readonly told: number;
  readonly problems: readonly string[];
}

/** A process that reads the status files of a folder in a tight loop, by hand and by the reader for applications. */
const [, , folder = ''] = process.argv;
const problems: string[] = [];
let [reads, generations, told] = [0, 0, 0];
const over = new AbortController();
process.stdin.on('end', () => over.abort()).resume();

function complain(problem: string): void {
  if (problems.length < 20) problems.push(problem);
}

const paths = statusSettings(folder).map(({ path }) => path);
const last = new Map<string, number>();
for (const path of paths) {
  const reader = await openStatusFile(path);
  reader.onChange(({ servers, generation, problem }, before) => {
    told += 1;
    if (problem !== null) complain(`the reader of ${path}: ${problem.message}`);
    const wrong = wrongTurn({ format: 'json', servers, generation, at: null, upstream: null });
    if (wrong !== undefined) complain(`the reader of ${path}: ${wrong}`);
    if ((generation ?? 0) < (before.generation ?? 0)) complain(`the reader of ${path} went back`);
  });
}
process.stdout.write('ready\n');
while (!over.signal.aborted) {
  for (const path of paths) {
    try {
      const decoded = decodeStatusFile(await readFile(path, 'utf8'));
      const wrong = wrongTurn(decoded);
      if (wrong !== undefined) complain(`${path}: ${wrong}`);
      const before = last.get(path) ?? 0;
      const generation = decoded.generation ?? 0;
      if (generation < before) complain(`${path} went from ${String(before)} back to ${String(generation)}`);
      if (generation !== before) generations += 1;
      last.set(path, generation);
      reads += 1;
    } catch (error) {
      complain(`${path}: ${String(error)}`);
    }
  }
}
const report: WatcherReport = { reads, generations, told, problems };
process.stdout.write(`${JSON.stringify(report)}\n`);
