import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { foundFile, SHA } from '../testing/queue-builders.ts';
import { KnownHashTable } from './known-hash-table.ts';
import { migrate } from './queue-schema.ts';

it('forgets the files that were read longest ago, and keeps no more than its limit', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'memory');
  const table = new KnownHashTable(database, 3);
  const keep = (number: number): void => table.keep([{ ...foundFile(number), sha256: SHA }]);
  [1, 2, 3, 1, 4].forEach(keep);
  const known = [1, 2, 3, 4].filter((number) => table.find(foundFile(number).file, foundFile(number)) === SHA);
  expect(known).toEqual([1, 3, 4]);
  database.close();
});
