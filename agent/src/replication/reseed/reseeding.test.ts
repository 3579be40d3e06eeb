import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { MemoryCatalog } from '#services/testing/memory-catalog.ts';
import { reseedFacts } from './reseed-facts.ts';
import { Reseeding, type ReseedingDeps, type RunEnd } from './reseeding.ts';

describe('filling a server again', () => {
  let catalog: MemoryCatalog;
  let events: { readonly event: string; readonly fields: object }[];
  let nowMs: number;
  let peerChanged: () => void;
  let reseeding: Reseeding;
  const logger: Logger = {
    ...silentLogger,
    info: (event, fields) => events.push({ event, fields: fields ?? {} }),
    warn: (event, fields) => events.push({ event, fields: fields ?? {} }),
  };

  beforeEach(() => {
    vi.useFakeTimers();
    catalog = new MemoryCatalog();
    events = [];
    nowMs = 0;
    peerChanged = () => undefined;
  });

  afterEach(async () => {
    await reseeding.stop();
    vi.useRealTimers();
  });

  const start = async (run: ReseedingDeps['run']): Promise<void> => {
    reseeding = new Reseeding({
      ...{ catalog, run, logger, monotonic: () => nowMs },
      onPeerChanged: (listener) => {
        peerChanged = listener;
        return () => (peerChanged = () => undefined);
      },
      tellEveryMs: 30_000,
    });
    await reseeding.load();
    reseeding.start();
  };
  const names = (): readonly string[] => events.map(({ event }) => event);
  const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

  it('does nothing where nothing is due', async () => {
    const run = vi.fn<ReseedingDeps['run']>();
    await start(run);
    await settled();
    expect(run).not.toHaveBeenCalled();
    expect(await reseeding.status()).toBeNull();
  });

  it('does what is due, tells how far it is, and forgets it', async () => {
    await catalog.remember(reseedFacts('imagesLost'));
    const gate = Promise.withResolvers<RunEnd>();
    let done = 100;
    await start(async (task, begin) => {
      expect(task).toBe('files');
      await begin({ total: 500, countDone: () => Promise.resolve(done), bytesDone: () => 7 });
      return gate.promise;
    });
    await settled();
    // The records are there: what it has no record of, nobody has told of.
    expect(reseeding.hasWholeCatalog()).toBe(true);
    nowMs = 30_000;
    done = 400;
    expect(await reseeding.status()).toEqual({ total: 500, done: 400, bytesDone: 7, etaSeconds: 10 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(events).toMatchObject([
      { event: 'reseed.began', fields: { task: 'files', total: 500, done: 100 } },
      { event: 'reseed.progress', fields: { done: 400, etaSeconds: 10 } },
    ]);
    gate.resolve('done');
    await settled();
    expect(names()).toEqual(['reseed.began', 'reseed.progress', 'reseed.ended']);
    expect([await reseeding.status(), catalog.facts.size]).toEqual([null, 0]);
  });

  it('lacks records from the start, before a peer has answered, until a whole server has given all of its own', async () => {
    await catalog.remember(reseedFacts('fresh'));
    const run = vi.fn<ReseedingDeps['run']>(() => Promise.resolve('unfinished'));
    await start(run);
    expect(reseeding.hasWholeCatalog()).toBe(false);
    await settled();
    expect([reseeding.hasWholeCatalog(), await reseeding.status()]).toEqual([false, null]);
    run.mockResolvedValue('catalogWhole');
    await vi.advanceTimersByTimeAsync(500);
    expect([reseeding.hasWholeCatalog(), catalog.facts.size]).toEqual([true, 1]);
    run.mockResolvedValue('unfinished');
    await vi.advanceTimersByTimeAsync(1000);
    expect([reseeding.hasWholeCatalog(), run.mock.calls.length]).toEqual([true, 3]);
    run.mockResolvedValue('done');
    await vi.advanceTimersByTimeAsync(2000);
    expect([reseeding.hasWholeCatalog(), catalog.facts.size]).toEqual([true, 0]);
  });

  it('is not forgotten by a restart in the middle', async () => {
    await catalog.remember(reseedFacts('fresh'));
    await start((_task, _begin, signal) => untilAborted(signal));
    await settled();
    await reseeding.stop();
    expect(names()).toEqual([]);
    const run = vi.fn<ReseedingDeps['run']>(() => Promise.resolve('done'));
    await start(run);
    await settled();
    expect(run.mock.calls.map(([task]) => task)).toEqual(['records']);
  });

  it('tries again after a pause that grows, or as soon as a peer comes', async () => {
    await catalog.remember(reseedFacts('imagesLost'));
    const run = vi.fn<ReseedingDeps['run']>();
    run.mockRejectedValueOnce(new FleetError('PEER_UNREACHABLE', 'nobody')).mockResolvedValue('unfinished');
    await start(run);
    await settled();
    expect(names()).toEqual(['reseed.interrupted']);
    await vi.advanceTimersByTimeAsync(500);
    expect(run).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(run).toHaveBeenCalledTimes(2);
    peerChanged();
    await settled();
    expect(run).toHaveBeenCalledTimes(3);
    run.mockResolvedValue('done');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(run).toHaveBeenCalledTimes(4);
  });

  it('begins again when the folder is emptied once more', async () => {
    await catalog.remember(reseedFacts('imagesLost'));
    const run = vi.fn<ReseedingDeps['run']>((_task, _begin, signal) => untilAborted(signal));
    await start(run);
    await settled();
    run.mockResolvedValue('done');
    reseeding.filesLost('imagesLost');
    await settled();
    expect(run).toHaveBeenCalledTimes(2);
    expect(catalog.facts.size).toBe(0);
    await catalog.remember(reseedFacts('imagesLost'));
    reseeding.filesLost('imagesLost');
    await settled();
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('begins once for files that are found missing, remembers them, and cuts no fill that runs', async () => {
    const gate = Promise.withResolvers<RunEnd>();
    const run = vi.fn<ReseedingDeps['run']>(() => gate.promise);
    await start(run);
    for (let call = 0; call < 5; call += 1) reseeding.filesMissing();
    await settled();
    reseeding.filesMissing();
    await settled();
    expect(run.mock.calls.map(([task, , signal]) => [task, signal.aborted])).toEqual([['files', false]]);
    expect(catalog.facts.size).toBe(1);
    gate.resolve('done');
    await settled();
    expect([catalog.facts.size, run.mock.calls.length]).toEqual([0, 1]);
    reseeding.filesMissing();
    await settled();
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('goes on after a pause when the catalog takes neither what is due nor that it is over', async () => {
    const full = (): Promise<never> => Promise.reject(new FleetError('DISK_FULL', 'no space left'));
    const run = vi.fn<ReseedingDeps['run']>(() => Promise.resolve('done'));
    await start(run);
    const takes = catalog.remember.bind(catalog);
    const remember = vi.spyOn(catalog, 'remember').mockImplementationOnce(full);
    reseeding.filesMissing();
    await settled();
    expect([names(), run.mock.calls.length]).toEqual([['reseed.filesFoundMissing', 'reseed.interrupted'], 0]);
    remember.mockImplementationOnce(takes).mockImplementationOnce(full);
    await vi.advanceTimersByTimeAsync(500);
    expect([run.mock.calls.length, catalog.facts.size]).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([run.mock.calls.length, catalog.facts.size]).toEqual([2, 0]);
  });

  it('keeps in the catalog what becomes due while it is being forgotten', async () => {
    await catalog.remember(reseedFacts('imagesLost'));
    const run = vi.fn<ReseedingDeps['run']>();
    run.mockResolvedValueOnce('done').mockImplementation((_task, _begin, signal) => untilAborted(signal));
    await start(run);
    const takes = catalog.remember.bind(catalog);
    vi.spyOn(catalog, 'remember').mockImplementationOnce(async (facts) => {
      reseeding.filesLost('imagesLost');
      await takes(facts);
    });
    await settled();
    expect([run.mock.calls.length, catalog.facts.size]).toEqual([2, 1]);
  });

  it('looks at the bytes of named images, too, when an older folder is put in place', async () => {
    const run = vi.fn<ReseedingDeps['run']>(() => Promise.resolve('done'));
    await start(run);
    await catalog.remember(reseedFacts('imagesOld'));
    reseeding.filesLost('imagesOld');
    await settled();
    expect(run.mock.calls.map(([task]) => task)).toEqual(['named', 'files']);
    expect(catalog.facts.size).toBe(0);
  });

  it('takes the records before it looks for files', async () => {
    await catalog.remember([...reseedFacts('imagesOld'), ...reseedFacts('fresh')]);
    const run = vi.fn<ReseedingDeps['run']>(() => Promise.resolve('done'));
    await start(run);
    await settled();
    expect(run.mock.calls.map(([task]) => task)).toEqual(['records', 'named', 'files']);
  });
});

function untilAborted(signal: AbortSignal): Promise<RunEnd> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new FleetError('SHUTTING_DOWN', 'cut'));
    });
  });
}
