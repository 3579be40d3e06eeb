import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { encodeEntry, longestEntry } from './batch-encoder.ts';

it('never takes an entry for shorter than it is', () => {
  const names = fc.string({ unit: 'binary', maxLength: 100 });
  fc.assert(
    fc.property(names, names, fc.boolean(), (path, originalName, isTombstone) => {
      const common = { path, version: '0'.repeat(40), createdAt: Number.MAX_SAFE_INTEGER };
      const present = { sha256: 'f'.repeat(64), sizeBytes: Number.MAX_SAFE_INTEGER, mediaType: 'image/heif-sequence' };
      const record: ImageRecord = isTombstone
        ? { kind: 'tombstone', ...common }
        : { kind: 'present', ...common, ...present, originalName };
      expect(longestEntry(record)).toBeGreaterThan(Buffer.byteLength(encodeEntry(record)));
    }),
  );
});
