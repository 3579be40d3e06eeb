import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRecords, type ImageRecord } from './record.ts';
import { clockOf, formatVersion, observe, tick } from './version.ts';

const NOW = 1_790_000_000_000;

/** Records of one path. A version is given out once, so equal versions are the same record. */
const record: fc.Arbitrary<ImageRecord> = fc
  .record({ wallMs: fc.integer({ min: NOW, max: NOW + 3 }), counter: fc.nat(2), id: fc.constantFrom('s1', 's2', 's3') })
  .map(({ wallMs, counter, id }) => {
    const version = formatVersion({ wallMs, counter }, id);
    const common = { path: 'a.png', version, createdAt: NOW };
    if (counter === 2) return { ...common, kind: 'tombstone' };
    const sha256 = version.replace(/[^0-9a-f]/g, '').padEnd(64, '0');
    return { ...common, kind: 'present', sha256, sizeBytes: 1, mediaType: 'image/png', originalName: '' };
  });

describe('merging records', () => {
  it('ends the same in whatever order they come', () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        expect(mergeRecords(a, b)).toEqual(mergeRecords(b, a));
      }),
    );
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (records, picks) => {
        const shuffled = [...records]
          .map((item) => ({ item, rank: Number(picks.next().value) }))
          .sort((a, b) => a.rank - b.rank);
        const winner = records.reduce(mergeRecords);
        expect(shuffled.map(({ item }) => item).reduce(mergeRecords)).toEqual(winner);
      }),
    );
  });

  it('ends the same however they are grouped', () => {
    fc.assert(
      fc.property(record, record, record, (a, b, c) => {
        expect(mergeRecords(mergeRecords(a, b), c)).toEqual(mergeRecords(a, mergeRecords(b, c)));
      }),
    );
  });

  it('changes nothing when a record comes again', () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        const merged = mergeRecords(a, b);
        expect(mergeRecords(merged, a)).toEqual(merged);
        expect(mergeRecords(merged, b)).toEqual(merged);
        expect(mergeRecords(a, a)).toBe(a);
      }),
    );
  });

  it('lets the highest version win, be it an image or a deletion', () => {
    fc.assert(
      fc.property(record, record, (a, b) => {
        const { version } = mergeRecords(a, b);
        expect(version >= a.version && version >= b.version).toBe(true);
        expect([a.version, b.version]).toContain(version);
      }),
    );
  });

  it('lets a local write win over the record it changes, also when that came from a clock ahead', () => {
    fc.assert(
      fc.property(record, fc.integer({ min: NOW - 10_000, max: NOW + 10 }), (existing, nowMs) => {
        const state = tick(observe({ wallMs: 0, counter: 0 }, clockOf(existing.version)), nowMs);
        // The lowest id there is: the write must not need the tie-break.
        const written = { ...existing, version: formatVersion(state, '0') };
        expect(mergeRecords(existing, written)).toBe(written);
        expect(mergeRecords(written, existing)).toBe(written);
      }),
    );
  });
});
