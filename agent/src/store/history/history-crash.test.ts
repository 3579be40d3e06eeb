import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { HistoryEngine } from './history-engine.ts';
import { openHistory } from './history-schema.ts';

const WRITER = join(import.meta.dirname, 'testing/history-writer-process.ts');
const ROUNDS = 5;

it('is whole and adds up after kill -9 in the middle of its writes', async () => {
  const file = join(await tempFolder(), 'monitor.sqlite');
  const begin = Date.now();
  let changes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = spawn(process.execPath, [WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(writer.stdout, 'data');
    // Where in a write it is hit is a matter of chance.
    await delay(50 + 40 * round);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const database = openHistory(file);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const end = Date.now() + 1000;
    const { uptime } = new HistoryEngine(database).read({ server: 's1', from: begin, to: end, points: 1 });
    expect(uptime.upMs + uptime.downMs + uptime.unknownMs).toBe(end - begin);
    const kept = Number(database.prepare('SELECT count(*) AS rows FROM change').get()?.['rows']);
    expect(kept).toBeGreaterThan(changes);
    changes = kept;
    expect(database.prepare('SELECT count(*) AS rows FROM run').get()).toEqual({ rows: round + 1 });
    database.close();
  }
});
