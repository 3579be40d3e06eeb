import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SqliteCatalog } from '../sqlite-catalog.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import type { HistoryStore } from './history-store.ts';
import { OwnThreadHistory } from './own-thread-history.ts';
import { batchOf, changeTo, incidentOf, minuteOf, runAt, until } from './testing/history-entries.ts';

const DAY = { entries: [runAt(0), changeTo('up', 0), until(1000)] };

async function ownThread(file: string): Promise<HistoryStore> {
  const history = new OwnThreadHistory({ file, onCrash: () => undefined });
  await history.start();
  onTestFinished(() => history.stop());
  return history;
}

async function catalogsThread(file: string): Promise<HistoryStore> {
  const catalog = new SqliteCatalog({ file: join(dirname(file), 'catalog.sqlite') });
  await catalog.start([]);
  onTestFinished(() => catalog.stop());
  return catalog.historyIn(file);
}

async function newFile(): Promise<string> {
  return join(await tempFolder(), 'monitor.sqlite');
}

describe.each([
  ['a thread of its own', ownThread],
  ['the thread that writes the catalog', catalogsThread],
])('a history in %s', (_name, open) => {
  it('keeps states, latencies and incidents over a restart', async () => {
    const file = await newFile();
    const first = await open(file);
    const over = incidentOf({ id: 'i0', closedAt: 500, missing: [] });
    const batch = batchOf({ ...DAY, minutes: [minuteOf(0, [1, 2])], incidents: [over, incidentOf({})] });
    expect(await first.write(batch)).toBe('recorded');
    const second = await open(file);
    expect(await second.read({ server: 's1', from: 0, to: 2000, points: 1 })).toMatchObject({
      ...{ server: 's1', from: 0, to: 2000, uptime: { upMs: 1000, unknownMs: 1000 } },
      ...{ transitions: [{ at: 0, to: 'up' }], latency: [{ count: 2 }] },
    });
    expect(await second.incidents(501, 10)).toEqual([incidentOf({})]);
    expect(await second.incidents(500, 10)).toEqual([over, incidentOf({})]);
    expect(await second.incidents(0, 1)).toHaveLength(1);
  });

  it('fails at once with HISTORY_UNAVAILABLE while another program holds it, and works afterwards', async () => {
    const file = await newFile();
    const history = await open(file);
    await history.write(batchOf(DAY));
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(history.write(batchOf({ entries: [until(2000)] }))).rejects.toMatchObject({
      code: 'HISTORY_UNAVAILABLE',
    });
    other.exec('ROLLBACK');
    other.close();
    expect(await history.write(batchOf({ entries: [until(2000)] }))).toBe('recorded');
    expect((await history.read({ server: 's1', from: 0, to: 2000, points: 1 })).uptime.upMs).toBe(2000);
  });

  it('sets a damaged file aside and begins a new one', async () => {
    const file = await newFile();
    await writeFile(file, 'this is no database, whatever its name says'.repeat(100));
    const history = await open(file);
    expect(await history.write(batchOf({ entries: [until(1000)] }))).toBe('noRun');
    expect(await history.write(batchOf(DAY))).toBe('recorded');
    expect(await readdir(dirname(file))).toContain('monitor.sqlite.damaged');
  });

  it('leaves the database of another program as it is', async () => {
    const file = await newFile();
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    const history = await open(file);
    const failing = expect(history.write(batchOf(DAY)));
    await failing.rejects.toMatchObject({
      code: 'HISTORY_UNAVAILABLE',
      message: expect.stringContaining('another program') as string,
    });
    expect((await readdir(dirname(file))).filter((name) => name.includes('damaged'))).toEqual([]);
  });
});

it('leaves a file that a newer version wrote as it is, and says so', async () => {
  const file = await newFile();
  await (await ownThread(file)).write(batchOf(DAY));
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  const history = await ownThread(file);
  await expect(history.read({ server: 's1', from: 0, to: 1, points: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('newer version') as string,
  });
});

it('finds out in the middle that its file is damaged, and goes on with a new one', async () => {
  const file = await newFile();
  const history = await ownThread(file);
  const minutes = Array.from({ length: 300 }, (_, index) => minuteOf(index * 60_000, [1, 2, 3]));
  await history.write(batchOf({ ...DAY, minutes }));
  const first = new DatabaseSync(file);
  first.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  first.close();
  await truncate(file, Math.floor((await stat(file)).size / 2 / 4096) * 4096);
  const outcomes = [];
  for (let at = 0; at < 3; at += 1) {
    const write = history.write(batchOf({ entries: [until(2000)], minutes: [minuteOf(17_940_000, [1])] }));
    outcomes.push(await write.catch((error: unknown) => error));
  }
  expect(outcomes[0]).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
  expect(outcomes.slice(1)).toEqual(['noRun', 'noRun']);
});

it('does not believe a clock that is a day behind, unless it has proved itself', async () => {
  const history = await ownThread(await newFile());
  const now = Date.UTC(2026, 2, 9);
  await history.write(batchOf({ entries: [runAt(now), changeTo('up', now), until(now + 1000)] }));
  expect(await history.write(batchOf({ entries: [runAt(0), changeTo('down', 5)] }))).toBe('clockBehind');
  expect(await history.write(batchOf({ entries: [until(60_000)] }))).toBe('clockBehind');
  const { uptime } = await history.read({ server: 's1', from: now, to: now + 1000, points: 1 });
  expect(uptime).toMatchObject({ upMs: 1000, downMs: 0 });
  expect(await history.write(batchOf({ entries: [runAt(now + 5000), until(now + 6000)] }))).toBe('recorded');
  expect(await history.write(batchOf({ entries: [runAt(0, true), until(7)] }))).toBe('recorded');
  expect((await history.read({ server: 's1', from: now, to: now + 1000, points: 1 })).uptime.upMs).toBe(0);
});
