import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { MemoryCatalog } from '#services/testing/memory-catalog.ts';
import { hashesOf, joinPages, type DigestView } from '#store/repair-reads.ts';
import { sumDigests } from '#store/set-digest.ts';
import { aRecord, aTombstone, hashOf, versionAt } from '#store/testing/catalog-builders.ts';
import { newComparison, reconcile, type Comparison, type Pulled } from './reconcile.ts';
import type { ComparedPeer } from './repair-peer.ts';
import { pack, packPage, shortDigests, unpack, unpackPage } from './repair-messages.ts';

const VIEW: DigestView = { untilMs: null, tombstonesFromMs: 0 };

/** A server in memory, asked as over the wire; its pages are short, so that there are many. */
class MemoryPeer implements ComparedPeer {
  readonly name = 'peer';
  readonly questions: string[] = [];
  readonly #catalog: MemoryCatalog;
  readonly #limit: number;

  constructor(catalog: MemoryCatalog, limit: number) {
    this.#catalog = catalog;
    this.#limit = limit;
  }

  async root(view: DigestView) {
    this.questions.push('root');
    return sumDigests(await this.#catalog.digestDays(view));
  }

  async days(view: DigestView) {
    this.questions.push('days');
    return new Map((await this.#catalog.digestDays(view)).map(({ day, digest }) => [day, digest.slice(0, 16)]));
  }

  async buckets(view: DigestView, day: string) {
    this.questions.push('buckets');
    return hashesOf(unpack(pack(shortDigests(await this.#catalog.digestBuckets(view, day)))));
  }

  async entries(range: Parameters<ComparedPeer['entries']>[0]) {
    this.questions.push('entries');
    const pages = await this.#catalog.listEntries({ ...range, limit: this.#limit, server: 'asker' });
    return unpackPage(packPage(joinPages(pages)));
  }

  async records(query: Parameters<ComparedPeer['records']>[0]) {
    this.questions.push('records');
    return this.#catalog.findEntries(query);
  }
}

async function merge(catalog: MemoryCatalog, records: readonly ImageRecord[]) {
  return catalog.merge(records.map((record) => ({ record, stagingName: null })));
}

async function run(own: MemoryCatalog, peer: ComparedPeer): Promise<Comparison> {
  const progress = newComparison();
  const pull = async (records: readonly ImageRecord[], pulled: Pulled): Promise<void> => {
    const outcomes = await merge(own, records);
    pulled.pulled += outcomes.filter(({ outcome }) => outcome === 'stored').length;
  };
  await reconcile({ peer, own, view: VIEW, pull }, progress, AbortSignal.timeout(10_000));
  return progress;
}

const anyRecord = fc
  .record({
    day: fc.constantFrom('2026/1/2', '2026/1/10', '2025/12/31', ''),
    index: fc.nat(12),
    at: fc.nat(3),
    isPresent: fc.boolean(),
  })
  .map(({ day, index, at, isPresent }): ImageRecord => {
    const id = `0d9c5f0e-5f57-4f6e-9a53-${String(index).padStart(12, '0')}`;
    const path = day === '' ? `${index % 2 === 0 ? 'N' : 'n'}/${String(index)}.jpg` : `${day}/${id}.jpg`;
    // A version names one change of one path, so everything else of the record follows from it.
    const version = versionAt(at, isPresent ? 1 : 0);
    return isPresent ? aRecord(path, version, { sha256: hashOf(at) }) : aTombstone(path, version);
  });

describe('reconciling two servers', () => {
  it('ends with the same records and equal roots, whatever either had', async () => {
    const records = fc.array(anyRecord, { maxLength: 40 });
    const property = fc.asyncProperty(records, records, fc.integer({ min: 1, max: 9 }), async (a, b, limit) => {
      const [one, two] = [new MemoryCatalog(), new MemoryCatalog()];
      await Promise.all([merge(one, a), merge(two, b)]);
      await run(one, new MemoryPeer(two, limit));
      await run(two, new MemoryPeer(one, limit));
      expect([...two.records].sort()).toEqual([...one.records].sort());
      const again = new MemoryPeer(two, limit);
      expect(await run(one, again)).toMatchObject({ isEqual: true, pulled: 0, lacking: 0 });
      expect(again.questions).toEqual(['root']);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('looks only into the buckets that differ', async () => {
    const [one, two] = [new MemoryCatalog(), new MemoryCatalog()];
    const both = Array.from({ length: 50 }, (_, index) => aRecord(`a/${String(index)}.jpg`, versionAt(1)));
    await Promise.all([merge(one, both), merge(two, both)]);
    await merge(two, [aRecord('b.jpg', versionAt(2))]);
    const peer = new MemoryPeer(two, 1000);
    expect(await run(one, peer)).toMatchObject({ records: 50, pulled: 1, lacking: 0, onTheWay: 0 });
    expect(peer.questions).toEqual(['root', 'days', 'buckets', 'entries', 'records']);
  });

  it('counts what is on its way and does not touch it', async () => {
    const [one, two] = [new MemoryCatalog(), new MemoryCatalog()];
    const write = (path: string, server: string) => ({
      ...{ path, sha256: hashOf(1), sizeBytes: 1, mediaType: 'image/png', originalName: '', stagingName: null },
      ...{ mode: 'create' as const, targets: [{ server, parkedBy: null }] },
    });
    await one.write([write('to-peer.jpg', 'peer'), write('to-another.jpg', 'other')], 1);
    await two.write([write('to-us.jpg', 'asker')], 1);
    const progress = await run(one, new MemoryPeer(two, 10));
    expect(progress).toMatchObject({ pulled: 0, lacking: 1, onTheWay: 2 });
  });

  it('ends where it is told to', async () => {
    const [one, two] = [new MemoryCatalog(), new MemoryCatalog()];
    await merge(two, [aRecord('b.jpg', versionAt(2))]);
    const reason = new Error('stop');
    const pull = (): Promise<void> => Promise.reject(new Error('must not be called'));
    const running = reconcile(
      { peer: new MemoryPeer(two, 10), own: one, view: VIEW, pull },
      newComparison(),
      AbortSignal.abort(reason),
    );
    await expect(running).rejects.toBe(reason);
  });
});
