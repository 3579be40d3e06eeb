// A process that keeps a history until it is killed: `node history-writer-process.ts FILE`. Prints a line when it is at work.
import { OwnThreadHistory } from '../own-thread-history.ts';
import { batchOf, changeTo, minuteOf, runAt, until } from './history-entries.ts';

const [file = ''] = process.argv.slice(2);
const history = new OwnThreadHistory({ file, onCrash: () => process.exit(1) });
await history.start();
let at = Date.now();
await history.write(batchOf({ entries: [runAt(at)] }));
process.stdout.write('at work\n');
for (let count = 0; ; count += 1) {
  at = Math.max(at + 1, Date.now());
  const entries = [changeTo(count % 2 === 0 ? 'up' : 'down', at), until(at)];
  await history.write(batchOf({ entries, minutes: [minuteOf(Math.floor(at / 60_000) * 60_000, [1, 2, null])] }));
}
