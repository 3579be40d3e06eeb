import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { parseImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { FetchedCopy, NotKeptCopy } from '#replication/reseed/fetch-copy.ts';
import { aRecord, versionAt } from '#store/testing/catalog-builders.ts';
import type { FoundCopy } from './find-copy.ts';
import { ReadThrough, type ReadThroughDeps, type ServableCopy } from './read-through.ts';

const PATH = parseImagePath('a/b.png');
const COPY = { isImmutable: false } as FoundCopy;
const KEPT: FetchedCopy = { kind: 'kept', sizeBytes: 7 };
const ANYBODY = { isOwnOnly: false };
const FULL: NotKeptCopy = {
  ...{ kind: 'notKept', record: aRecord(PATH, versionAt(1)), from: ['s2'] },
  cause: new FleetError('DISK_FULL', 'no room'),
};
const SLICE = { start: 10, end: 19 };

function bytesOf(copy: ServableCopy | undefined): Promise<Buffer | Readable> {
  if (copy === undefined || 'open' in copy) throw new Error('it is not handed through');
  return copy.relay(SLICE);
}

/** Nothing is here until it is fetched; a test says what the fetch does. */
function aReader(more: Partial<ReadThroughDeps> & { readonly lacks?: FleetError }) {
  const seen = { fetches: 0, outcomes: [] as string[], checks: 0, missing: 0, nowMs: 0, isHere: false };
  const { fetch = (): Promise<FetchedCopy> => Promise.resolve(KEPT), lacks, ...rest } = more;
  const reader = new ReadThrough({
    findOwn: () => {
      if (seen.isHere) return Promise.resolve(COPY);
      return lacks === undefined ? Promise.resolve(undefined) : Promise.reject(lacks);
    },
    fetch: async (path, signal) => {
      seen.fetches += 1;
      const fetched = await fetch(path, signal);
      seen.isHere ||= fetched.kind === 'kept';
      return fetched;
    },
    relay: () => Promise.resolve(Buffer.from('ten bytes!')),
    checkFolder: () => {
      seen.checks += 1;
      return Promise.resolve();
    },
    hasWholeCatalog: () => true,
    onFileMissing: () => void (seen.missing += 1),
    onFetched: (outcome, sizeBytes) => seen.outcomes.push(`${outcome} ${String(sizeBytes)}`),
    monotonic: () => seen.nowMs,
    logger: silentLogger,
    ...rest,
  });
  return { reader, seen };
}

describe('reading through', () => {
  it('fetches what is not here, once, and serves it from here afterwards', async () => {
    const { reader, seen } = aReader({});
    const found = await Promise.all(Array.from({ length: 20 }, () => reader.find(PATH, ANYBODY)));
    expect(found).toEqual(Array(20).fill(COPY));
    expect(await reader.find(PATH, ANYBODY)).toBe(COPY);
    expect(seen).toMatchObject({ fetches: 1, outcomes: ['kept 7'], checks: 1 });
  });

  it('asks nobody for who wants this server’s own copy', async () => {
    const { reader, seen } = aReader({});
    await expect(reader.find(PATH, { isOwnOnly: true })).rejects.toMatchObject({ code: 'COPY_NOT_HERE', status: 504 });
    expect(seen.fetches).toBe(0);
    await reader.find(PATH, ANYBODY);
    expect(await reader.find(PATH, { isOwnOnly: true })).toBe(COPY);
  });

  it('remembers for a while that nobody has an image', async () => {
    const { reader, seen } = aReader({ fetch: () => Promise.resolve({ kind: 'absent', isCertain: true }) });
    for (let round = 0; round < 5; round += 1) expect(await reader.find(PATH, ANYBODY)).toBeUndefined();
    expect(seen).toMatchObject({ fetches: 1, outcomes: ['absent 0'] });
    seen.nowMs = 60_000;
    await reader.find(PATH, ANYBODY);
    expect(seen.fetches).toBe(2);
  });

  it('answers what the own copy lacks when nobody else has it either', async () => {
    const lacks = new FleetError('OWN_COPY_DAMAGED', 'half a file');
    const { reader } = aReader({ lacks, fetch: () => Promise.resolve({ kind: 'absent', isCertain: true }) });
    await expect(reader.find(PATH, ANYBODY)).rejects.toBe(lacks);
  });

  it('tells that a file was gone which a peer still had, and not of what is lost everywhere or new here', async () => {
    const lacks = new FleetError('OWN_COPY_MISSING', 'no file');
    const gone = aReader({ lacks });
    expect(await gone.reader.find(PATH, ANYBODY)).toBe(COPY);
    const lost = aReader({ lacks, fetch: () => Promise.resolve({ kind: 'absent', isCertain: true }) });
    await expect(lost.reader.find(PATH, ANYBODY)).rejects.toBe(lacks);
    const fresh = aReader({});
    await fresh.reader.find(PATH, ANYBODY);
    expect([gone, lost, fresh].map(({ seen }) => seen.missing)).toEqual([1, 0, 0]);
  });

  it('does not claim that an image is nowhere while its catalog is new and a peer is silent', async () => {
    const absent = (isCertain: boolean) => () => Promise.resolve({ kind: 'absent' as const, isCertain });
    const hasWholeCatalog = () => false;
    const unsure = aReader({ fetch: absent(false), hasWholeCatalog });
    await expect(unsure.reader.find(PATH, ANYBODY)).rejects.toMatchObject({ code: 'IMAGE_UNSURE', status: 503 });
    expect(await aReader({ fetch: absent(true), hasWholeCatalog }).reader.find(PATH, ANYBODY)).toBeUndefined();
    expect(await aReader({ fetch: absent(false) }).reader.find(PATH, ANYBODY)).toBeUndefined();
  });

  it('hands through what has no room here, tells of it, and keeps it as soon as there is room', async () => {
    let fetched: FetchedCopy = FULL;
    const { reader, seen } = aReader({ fetch: () => Promise.resolve(fetched) });
    const copy = await reader.find(PATH, ANYBODY);
    expect(copy).toMatchObject({ record: FULL.record, isImmutable: false });
    // Nobody has taken bytes yet.
    expect(seen.outcomes).toEqual([]);
    expect(await bytesOf(copy)).toEqual(Buffer.from('ten bytes!'));
    expect(seen.outcomes).toEqual(['relayed 10']);
    fetched = KEPT;
    expect(await reader.find(PATH, ANYBODY)).toBe(COPY);
    expect(seen.outcomes).toEqual(['relayed 10', 'kept 7']);
  });

  it('hands through what the own disk fails to keep twice', async () => {
    const failed = { ...FULL, cause: new FleetError('IO_FAILED', 'a bad sector') };
    const { reader, seen } = aReader({ fetch: () => Promise.resolve(failed) });
    expect(await bytesOf(await reader.find(PATH, ANYBODY))).toHaveLength(10);
    expect(seen.fetches).toBe(2);
  });

  it('hands through to a bounded number of visitors, and to the next when one is done or gone', async () => {
    const streams: Readable[] = [];
    const relay = (): Promise<Readable> => {
      const stream = new Readable({ read: () => undefined });
      streams.push(stream);
      return Promise.resolve(stream);
    };
    const { reader } = aReader({ fetch: () => Promise.resolve(FULL), relay });
    const ask = async () => bytesOf(await reader.find(PATH, ANYBODY));
    for (let visitor = 0; visitor < 64; visitor += 1) await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    streams[0]?.destroy();
    await expect.poll(ask).toBeInstanceOf(Readable);
  });

  it('looks at the folder again and tries once more when the own disk fails', async () => {
    let tries = 0;
    const fetch = (): Promise<FetchedCopy> => {
      tries += 1;
      return Promise.resolve(tries === 1 ? { ...FULL, cause: new FleetError('IO_FAILED', 'the folder went') } : KEPT);
    };
    const { reader, seen } = aReader({ fetch });
    expect(await reader.find(PATH, ANYBODY)).toBe(COPY);
    expect(seen).toMatchObject({ checks: 2, outcomes: ['kept 7'] });
  });

  it('tells a visitor who has waited long enough to come again, and goes on', async () => {
    const gate = Promise.withResolvers<FetchedCopy>();
    const { reader } = aReader({ fetch: () => gate.promise, waitMs: 1 });
    await expect(reader.find(PATH, ANYBODY)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
    gate.resolve(KEPT);
    await expect.poll(() => reader.find(PATH, ANYBODY)).toBe(COPY);
  });

  it('looks for a bounded number of images at the same time', async () => {
    const gate = Promise.withResolvers<FetchedCopy>();
    const { reader } = aReader({ fetch: () => gate.promise });
    const waiting = Array.from({ length: 256 }, (_, index) =>
      reader.find(parseImagePath(`${String(index)}.png`), ANYBODY),
    );
    // Each has looked for an own copy first.
    await Promise.resolve();
    await expect
      .poll(() => reader.find(PATH, ANYBODY).catch((error: unknown) => error))
      .toMatchObject({
        code: 'RATE_LIMITED',
      });
    gate.resolve(KEPT);
    await Promise.all(waiting);
  });

  it('cuts what it fetches when it is stopped', async () => {
    const { reader, seen } = aReader({
      fetch: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as FleetError);
          });
        }),
    });
    const asked = reader.find(PATH, ANYBODY).catch((error: unknown) => error);
    await expect.poll(() => seen.fetches).toBe(1);
    await reader.stop();
    expect(await asked).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(seen.outcomes).toEqual(['failed 0']);
  });
});
