import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { queueOnDisk, SHA } from '#engine/testing/queue-builders.ts';
import { stampOf } from '#engine/testing/sent-items.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { cachedHashes } from './cached-hashes.ts';

const { signal } = new AbortController();

it('takes the hash that is known by the stamp, and keeps the others', async () => {
  const { queue } = queueOnDisk();
  const [known, unknown] = ['a', 'b'].map((name) => join(tempFolder(), name)) as [string, string];
  for (const file of [known, unknown]) writeFileSync(file, 'content');
  queue.keepHashes([{ file: known, sha256: SHA, ...(await stampOf(known)) }]);
  const hash = cachedHashes(queue, () => Date.now() + 10_000);
  const outcomes = await hash(
    [known, unknown, `${known}-gone`].map((file, key) => ({ key, file })),
    signal,
  );
  const byKey = outcomes.toSorted((a, b) => a.key - b.key);
  const sha256 = createHash('sha256').update('content').digest('hex');
  expect(byKey).toMatchObject([{ sha256: SHA }, { sha256 }, { kind: 'failed', code: 'FILE_MISSING' }]);
  expect(queue.knownHash(unknown, await stampOf(unknown))).toBe(sha256);
});

it('keeps none of a file that was changed just now: its stamp may not tell of the next change', async () => {
  const { queue } = queueOnDisk();
  const file = join(tempFolder(), 'a');
  writeFileSync(file, 'content');
  await cachedHashes(queue, Date.now)([{ key: 1, file }], signal);
  expect(queue.knownHash(file, await stampOf(file))).toBeUndefined();
});
