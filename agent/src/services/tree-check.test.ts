import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { DiskImageTree } from '#store/disk-image-tree.ts';
import { aRecord, NOW, versionAt } from '#store/testing/catalog-builders.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { PathLocks } from '#store/path-locks.ts';
import { instantOfTrashName } from '#store/trash.ts';
import { dropSpelling } from './drop-spelling.ts';
import { MemoryCatalog } from './testing/memory-catalog.ts';
import { WatchedStore } from './testing/watched-store.ts';
import { TreeCheck } from './tree-check.ts';
import { treeCheckMetrics } from './tree-check-metrics.ts';

const OLD_S = (NOW - 60_000) / 1000;

describe('the comparison of records and files', () => {
  let store: WatchedStore;
  let catalog: MemoryCatalog;
  let lines: string[];
  let rests: number;
  let calls: number;
  let onRest: () => Promise<void>;
  let check: TreeCheck;

  beforeEach(async () => {
    store = new WatchedStore(await tempFolder());
    await store.start(new Set());
    catalog = new MemoryCatalog();
    lines = [];
    rests = 0;
    calls = 0;
    const onFilesMissing = (): void => void (calls += 1);
    onRest = async () => undefined;
    const note = (event: string, fields?: object): void => {
      lines.push(`${event} ${(fields as { path?: string }).path ?? ''}`.trim());
    };
    const logger: Logger = { ...silentLogger, warn: note, info: note };
    const rest = (): Promise<void> => {
      rests += 1;
      return onRest();
    };
    const tree = new DiskImageTree(store.pathOf(''));
    const locks = new PathLocks();
    const now = (): number => NOW;
    check = new TreeCheck({
      ...{ catalog, store, tree, logger, rest, now, onFilesMissing },
      dropSpelling: (path) => dropSpelling(path, { store, catalog, locks, now, uuid: randomUUID }),
    });
  });

  async function file(path: string, content = 'bytes', atS = OLD_S): Promise<void> {
    await mkdir(dirname(store.pathOf(path)), { recursive: true });
    await writeFile(store.pathOf(path), content);
    await utimes(store.pathOf(path), atS, atS);
  }
  function record(path: string, sizeBytes = 5, stagingName: string | null = null): void {
    catalog.records.set(path, { ...aRecord(path, versionAt(1), { sizeBytes }), stagingName });
  }
  async function run(): Promise<void> {
    check.start();
    await check.done();
  }

  it('finds nothing where they fit', async () => {
    record('a.png');
    await file('a.png');
    await run();
    const none = { recordsWithoutFile: 0, filesWithoutRecord: 0, otherSpellings: 0 };
    expect(check.report).toEqual({ state: 'done', recordsChecked: 1, filesChecked: 1, ...none });
    expect(lines).toEqual(['treeCheck.done']);
    expect(calls).toBe(0);
  });

  it('tells of records whose file is gone or of another size, and calls once for all of them', async () => {
    record('gone.png');
    record('short.png', 7);
    await file('short.png');
    await run();
    expect(check.report).toMatchObject({ recordsWithoutFile: 2, filesWithoutRecord: 0 });
    expect(calls).toBe(1);
    expect(lines).toEqual([
      'treeCheck.recordWithoutFile gone.png',
      'treeCheck.recordWithoutFile short.png',
      'treeCheck.done',
    ]);
  });

  it('tells of image files without a record, and leaves alone what is no image', async () => {
    await file('orphan.png');
    await file('default.aspx');
    await run();
    expect(check.report).toMatchObject({ filesChecked: 1, filesWithoutRecord: 1 });
    expect(lines[0]).toBe('treeCheck.fileWithoutRecord orphan.png');
  });

  it('moves to the trash what a crash left of an image that lost to another spelling of its path', async () => {
    catalog.records.set('logos/a.png', {
      ...aRecord('Logos/A.png', versionAt(1), { sizeBytes: 5 }),
      stagingName: null,
    });
    await file('Logos/A.png');
    await file('logos/a.png', 'older');
    await file('logos/A.png', 'oldest');
    await run();
    expect(check.report).toMatchObject({ recordsWithoutFile: 0, filesWithoutRecord: 0, otherSpellings: 2 });
    expect(await store.published()).toEqual(['Logos/A.png']);
    const names = await store.trashed();
    const kept = await Promise.all(names.map((name) => readFile(join(store.dir, 'trash', name), 'utf8')));
    expect(kept.sort()).toEqual(['older', 'oldest']);
    expect(names.every((name) => instantOfTrashName(name) === NOW)).toBe(true);
  });

  it('leaves the file of a record alone that a folder lists under another spelling', async () => {
    catalog.records.set('logos/a.png', {
      ...aRecord('logos/A.png', versionAt(1), { sizeBytes: 5 }),
      stagingName: null,
    });
    await file('logos/a.png');
    // One file under two names, as a disk that folds names has it.
    await link(store.pathOf('logos/a.png'), store.pathOf('logos/A.png'));
    await run();
    expect(check.report).toMatchObject({ recordsWithoutFile: 0, filesWithoutRecord: 0, otherSpellings: 0 });
    expect([(await store.published()).length, await store.trashed()]).toEqual([2, []]);
  });

  it('takes bytes in the tmp area for the file of a record that names them', async () => {
    const { stagingName } = await store.stage(chunksOf(Buffer.from('bytes')), { maxBytes: 100 });
    record('a.png', 5, stagingName);
    await run();
    expect(check.report.recordsWithoutFile).toBe(0);
  });

  it('does not take an upload that has its name and not yet its record for an orphan', async () => {
    await file('new.png', 'bytes', NOW / 1000 + 1);
    await run();
    expect(check.report.filesWithoutRecord).toBe(0);
  });

  it('goes through many in slices, and rests after each', async () => {
    for (let index = 0; index < 450; index += 1) {
      record(`${String(index)}.png`);
      await file(`${String(index)}.png`);
    }
    await run();
    expect(check.report).toMatchObject({ recordsChecked: 450, filesChecked: 450, state: 'done' });
    expect(rests).toBe(5);
  });

  it('writes a bounded number of lines, and counts the rest', async () => {
    for (let index = 0; index < 30; index += 1) record(`${String(index)}.png`);
    await run();
    expect(check.report.recordsWithoutFile).toBe(30);
    expect(lines).toHaveLength(21);
  });

  it('stops between two slices', async () => {
    for (let index = 0; index < 450; index += 1) record(`${String(index)}.png`);
    const reached = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    onRest = async () => {
      reached.resolve(undefined);
      await release.promise;
    };
    check.start();
    await reached.promise;
    const stopped = check.stop();
    release.resolve(undefined);
    await stopped;
    expect(check.report).toMatchObject({ state: 'running', recordsChecked: 200 });
  });

  it('says that it failed, and is no reason for the agent to fail', async () => {
    catalog.listImages = () => Promise.reject(new Error('no disk'));
    await run();
    expect(check.report.state).toBe('failed');
    expect(lines).toEqual(['treeCheck.failed']);
  });

  it('shows its numbers to Prometheus', async () => {
    record('gone.png');
    await file('orphan.png');
    await run();
    const registry = new Registry();
    treeCheckMetrics(registry, check);
    const text = await registry.metrics();
    expect(text).toContain('imagefleet_tree_check_done 1');
    expect(text).toContain('imagefleet_tree_checked{kind="record"} 1');
    expect(text).toContain('imagefleet_records_without_file 1');
    expect(text).toContain('imagefleet_files_without_record 1');
  });
});
