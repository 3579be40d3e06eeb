import { appendFileSync, cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

const PAGE_BYTES = 4096;

function open(file: string) {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;');
  const log = WriteAheadLog.of(database, file);
  log.prepare();
  const size = (): number => statSync(`${file}-wal`).size;
  const insert = (count: number): void => {
    const put = database.prepare('INSERT INTO t VALUES (randomblob(3000))');
    for (let index = 0; index < count; index += 1) put.run();
  };
  const rows = (): unknown => database.prepare('SELECT count(*) AS rows FROM t').get()?.['rows'];
  return { database, log, file, size, insert, rows };
}

async function filled() {
  const opened = open(join(await tempFolder(), 'catalog.sqlite'));
  opened.database.exec('CREATE TABLE t (bytes)');
  opened.insert(10);
  return opened;
}

describe('the log of the catalog', () => {
  it('is cut back to its last commit before anything is written where a sync failed', async () => {
    const { log, file, size, insert, rows, database } = await filled();
    const whole = size();
    appendFileSync(`${file}-wal`, Buffer.alloc(10_000, 1));
    log.failed();
    log.prepare();
    expect(size()).toBe(whole);
    insert(1);
    expect(rows()).toBe(11);
    database.close();
    expect(open(file).rows()).toBe(11);
  });

  it('is left alone when the disk failed nothing', async () => {
    const { log, file, size } = await filled();
    appendFileSync(`${file}-wal`, Buffer.alloc(10_000, 1));
    const before = size();
    log.prepare();
    expect(size()).toBe(before);
  });

  it('is cut off whole when it had just begun anew', async () => {
    const { log, size, database, insert, rows } = await filled();
    database.exec('PRAGMA wal_checkpoint(RESTART)');
    // A cache of one page: the pages of the transaction that does not come to its end are in the log before it ends.
    database.exec('PRAGMA cache_size = 1; BEGIN');
    insert(10);
    database.exec('ROLLBACK');
    log.failed();
    log.prepare();
    insert(1);
    expect(rows()).toBe(11);
    expect(size()).toBeLessThan(10 * PAGE_BYTES);
  });

  it('of an earlier process is emptied into the database before anything is written', async () => {
    const { file, log } = await filled();
    const copy = join(await tempFolder(), 'catalog.sqlite');
    for (const end of ['', '-wal']) cpSync(file + end, copy + end);
    log.close();
    const again = open(copy);
    expect(again.size()).toBe(0);
    expect(again.rows()).toBe(10);
  });

  it('takes no transaction while another program keeps it from being emptied', async () => {
    const { file, insert } = await filled();
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec('BEGIN; SELECT count(*) FROM t');
    insert(1);
    const writer = new DatabaseSync(file, { timeout: 10 });
    const log = WriteAheadLog.of(writer, file);
    expect(() => log.prepare()).toThrow(expect.objectContaining({ code: 'IO_FAILED' }) as Error);
    reader.exec('COMMIT');
    log.prepare();
  });

  it('is moved into the database when it is long, which has its length before that', async () => {
    const { log, file, insert, database } = await filled();
    log.checkpointIfLong();
    expect(statSync(file).size).toBeLessThanOrEqual(PAGE_BYTES);
    database.exec('BEGIN');
    insert(2500);
    database.exec('COMMIT');
    log.checkpointIfLong();
    const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
    expect(statSync(file).size).toBe(pages * PAGE_BYTES);
    const { log: frames, checkpointed } = database.prepare('PRAGMA wal_checkpoint(NOOP)').get() ?? {};
    expect(checkpointed).toBe(frames);
  });

  it('is gone after a close in order', async () => {
    const { log, file } = await filled();
    log.close();
    expect(() => statSync(`${file}-wal`)).toThrow('ENOENT');
    expect(open(file).rows()).toBe(10);
  });
});
