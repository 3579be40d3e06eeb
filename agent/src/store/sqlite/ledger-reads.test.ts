import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../testing/temp-folder.ts';
import { LedgerReads } from './ledger-reads.ts';
import { openForWriting } from './schema.ts';

/** Reads of a ledger whose clock moves on by `tookMs` at each look at it. */
async function ledger() {
  const { database }: { readonly database: DatabaseSync } = openForWriting(join(await tempFolder(), 'catalog.sqlite'));
  onTestFinished(() => database.close());
  const clock = { at: 0, tookMs: 0 };
  const now = (): number => (clock.at += clock.tookMs);
  const reads = new LedgerReads(database, { recordAt: () => undefined, now });
  const add = (): void => {
    database.exec(`INSERT INTO delivery (fold, server, version, size_bytes, state, queued_at)
      VALUES (hex(randomblob(8)), 's2', 'v', 1, 'pending', 1)`);
  };
  return { reads, clock, add, count: () => reads.summarize()[0]?.count ?? 0 };
}

it('looks at the ledger for every summary while that is quick', async () => {
  const { add, count, clock } = await ledger();
  clock.tookMs = 1;
  add();
  expect(count()).toBe(1);
  add();
  expect(count()).toBe(2);
});

it('rests after a slow summary in proportion to what it took', async () => {
  const { add, count, clock } = await ledger();
  clock.tookMs = 100;
  add();
  expect(count()).toBe(1);
  add();
  clock.tookMs = 0;
  clock.at += 899;
  expect(count()).toBe(1);
  clock.at += 1;
  expect(count()).toBe(2);
});
