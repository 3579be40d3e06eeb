import type { FileClass } from '#bridge/engine-words.ts';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { UploadLimits } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { acceptedMediaTypes } from '@imagefleet/shared/node/image-type.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { FoundFile } from '#engine/queue/queue-item.ts';
import type { SqliteUploadQueue } from '#engine/queue/sqlite-upload-queue.ts';
import { scanFolders } from '#engine/scan/scan-folders.ts';
import { foundFile, queueOnDisk } from '#engine/testing/queue-builders.ts';
import { stampOf } from '#engine/testing/sent-items.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { cachedHashes } from '#engine/queue/cached-hashes.ts';
import { dryRun, type DryRunOptions, type DryRunProgress } from './dry-run.ts';
import type { DryRunReport } from './dry-run-report.ts';
import type { LookupAnywhere } from './lookup-with-fail-over.ts';

const LIMITS = { fileSizeBytes: 10_000, filesPerRequest: 10, mediaTypes: [...acceptedMediaTypes({ svg: false })] };
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** A folder, a queue and a fleet that has some hashes. */
class Bench {
  readonly folder = tempFolder();
  readonly queue: SqliteUploadQueue = queueOnDisk().queue;
  readonly lookups: string[][] = [];
  readonly #stored = new Set<string>();
  limits: UploadLimits | undefined = LIMITS;

  write(path: string, content: string | Uint8Array): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  store(content: string | Uint8Array): void {
    this.#stored.add(shaOf(content));
  }

  readonly lookup: LookupAnywhere = (sha256) => {
    this.lookups.push([...sha256]);
    const images = sha256.filter((hash) => this.#stored.has(hash));
    return Promise.resolve({
      images: images.map((hash) => ({ sha256: hash, path: `${hash}.png`, link: `http://i/${hash}.png`, sizeBytes: 1 })),
      ...(this.limits !== undefined && { limits: this.limits }),
    });
  };

  run(more: Partial<DryRunOptions> = {}): Promise<DryRunReport> {
    return dryRun({
      ...{ roots: [this.folder], signal: new AbortController().signal, scan: scanFolders, lookup: this.lookup },
      ...{ hash: cachedHashes(this.queue, Date.now), store: this.queue, rate: null, ...more },
    });
  }
}

function shaOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function image(seed: number, sizeBytes = 500): Buffer {
  return pngImage({ seed, sizeBytes });
}

/** Names of the files in each class that has any. */
function classesOf(report: DryRunReport): Partial<Record<FileClass, readonly string[]>> {
  const named = Object.entries(report.classes).flatMap(([name, { examples }]) =>
    examples.length === 0 ? [] : [[name, examples.map(({ path }) => path.split('/').slice(1).join('/'))]],
  );
  return Object.fromEntries(named) as Partial<Record<FileClass, readonly string[]>>;
}

describe('a dry run', () => {
  it('says of each file what an upload would do, and does nothing of it', async () => {
    const bench = new Bench();
    bench.write('a-new.png', image(1));
    bench.write('b-twin.png', image(1));
    bench.write('c-present.png', image(2));
    bench.write('d-present-too.jpg', image(2));
    bench.store(image(2));
    bench.write('e-text.jpg', 'no image at all');
    bench.write('f-text-again.jpg', 'no image at all');
    bench.write('g-drawing.svg', SVG);
    bench.write('h-empty.png', '');
    bench.write('i-large.png', image(3, 20_000));
    const queued = bench.write('j-queued.png', image(4));
    bench.queue.add([{ file: queued, path: 'j-queued.png', ...(await stampOf(queued)) }]);
    bench.write('k-notes.txt', 'text');
    symlinkSync(join(bench.folder, 'nowhere'), join(bench.folder, 'l-link.png'));
    const report = await bench.run();
    expect(classesOf(report)).toEqual({
      ...{ new: ['a-new.png'], twin: ['b-twin.png'], present: ['c-present.png', 'd-present-too.jpg'] },
      ...{ unsupported: ['e-text.jpg', 'f-text-again.jpg', 'g-drawing.svg'], empty: ['h-empty.png'] },
      ...{ tooLarge: ['i-large.png'], alreadyQueued: ['j-queued.png'] },
    });
    expect(report.toSend).toEqual({ files: 1, bytes: image(1).length });
    expect(report.classes.present).toMatchObject({ files: 2, bytes: 2 * image(2).length });
    expect(report.classes.present.examples[0]?.image?.link).toBe(`http://i/${shaOf(image(2))}.png`);
    expect(report.passedOver).toMatchObject({ notImage: { count: 1 }, vanished: { count: 1 } });
    expect(report.limits).toEqual(LIMITS);
    expect(bench.queue.counts().queued.files).toBe(1);
  });

  it('names what cannot be read by what is wrong with it', async () => {
    const bench = new Bench();
    const files = ['a-gone.png', 'b-locked.png', 'c-growing.png', 'd-gone-later.png', 'e-folder-later.png'];
    const [gone = '', , , goneLater = '', folderLater = ''] = files.map((name, seed) => bench.write(name, image(seed)));
    const read = cachedHashes(bench.queue, Date.now);
    const report = await bench.run({
      hash: async (asked, signal) => {
        rmSync(gone);
        const outcomes = await read(asked, signal);
        rmSync(goneLater);
        rmSync(folderLater);
        mkdirSync(folderLater);
        return outcomes.map((outcome) => {
          const code = [undefined, 'FILE_UNREADABLE', 'FILE_CHANGED'][outcome.key] as 'FILE_CHANGED' | undefined;
          return code === undefined ? outcome : { key: outcome.key, kind: 'failed', code, message: 'text' };
        });
      },
    });
    expect(classesOf(report)).toEqual({
      ...{ vanished: ['a-gone.png', 'd-gone-later.png'], changed: ['c-growing.png'] },
      unreadable: ['b-locked.png', 'e-folder-later.png'],
    });
  });

  it('says of a new file when another image has its name', async () => {
    const bench = new Bench();
    bench.write('a/x.png', image(1));
    bench.write('b/x.png', image(2));
    bench.write('c/x.png', image(1));
    bench.write('d/y.png', image(3));
    bench.write('e/z.png', image(5));
    bench.store(image(5));
    bench.write('f/z.png', image(6));
    bench.queue.add([foundFile(1, { file: '/elsewhere/y.png' })]);
    bench.queue.change([{ key: 1, state: 'done', sha256: shaOf(image(4)), image: { path: 'p', link: 'l' } }]);
    const report = await bench.run();
    expect(classesOf(report)).toEqual({
      ...{ new: ['a/x.png', 'b/x.png', 'd/y.png', 'f/z.png'], twin: ['c/x.png'], present: ['e/z.png'] },
    });
    expect(report.sameName.examples.map(({ path }) => path.slice(-7))).toEqual(['b/x.png', 'd/y.png', 'f/z.png']);
    expect(report.sameName.files).toBe(3);
    expect(report.history).toEqual({ files: 1, isWhole: true });
  });

  it('keeps a bounded number of new contents to find twins, and says so', async () => {
    const bench = new Bench();
    [1, 2, 3].forEach((seed) => bench.write(`${String(seed)}.png`, image(seed)));
    [1, 3].forEach((seed) => bench.write(`${String(seed)}-again.png`, image(seed)));
    const cut = await bench.run({ maxContents: 2 });
    expect([cut.classes.new.files, cut.classes.twin.files, cut.hasAllTwins]).toEqual([4, 1, false]);
    const whole = await bench.run({ maxContents: 3 });
    expect([whole.classes.new.files, whole.classes.twin.files, whole.hasAllTwins]).toEqual([3, 2, true]);
  });

  it('refuses in the name of a server only what that server told', async () => {
    const bench = new Bench();
    bench.write('a.svg', SVG);
    bench.write('b.png', image(1, 20_000));
    bench.write('c.jpg', 'text');
    bench.limits = undefined;
    const report = await bench.run();
    expect(classesOf(report)).toEqual({ new: ['a.svg', 'b.png'], unsupported: ['c.jpg'] });
    expect(report.limits).toBeNull();
    bench.limits = { ...LIMITS, mediaTypes: [...acceptedMediaTypes({ svg: true })] };
    expect(classesOf(await bench.run())).toEqual({ new: ['a.svg'], tooLarge: ['b.png'], unsupported: ['c.jpg'] });
  });

  it('takes the time of the rate that was measured', async () => {
    const bench = new Bench();
    bench.write('a.png', image(1));
    bench.write('b.png', image(2));
    expect((await bench.run({ rate: null })).forecastSeconds).toBeNull();
    const rate = { filesPerSecond: 4, bytesPerSecond: 1e9 };
    expect((await bench.run({ rate })).forecastSeconds).toBe(0.5);
  });

  it('counts on the way, and keeps examples only', async () => {
    const bench = new Bench();
    for (let index = 0; index < 700; index += 1) bench.write(`${String(index)}.png`, image(index, 100));
    for (let index = 0; index < 150; index += 1) bench.write(`${String(index)}.txt`, 'x');
    const told: DryRunProgress[] = [];
    const report = await bench.run({ onProgress: (progress) => void told.push(progress) });
    expect(told.length).toBeGreaterThan(2);
    expect(report.classes.new.examples).toHaveLength(100);
    expect(report.passedOver.notImage).toMatchObject({ count: 150, examples: { length: 100 } });
    expect(told.at(-1)).toMatchObject({ files: 700, passedOver: 150, classes: { new: { files: 700 } } });
    expect(told.map(({ files }) => files)).toEqual(told.map(({ files }) => files).toSorted((a, b) => a - b));
    expect(Math.max(...bench.lookups.map(({ length }) => length))).toBeLessThanOrEqual(256);
  });

  it('keeps the hashes, so that the upload need not read the files again', async () => {
    const bench = new Bench();
    const file = bench.write('a.png', image(1));
    const settled = (): number => Date.now() + 10_000;
    await bench.run({ hash: cachedHashes(bench.queue, settled) });
    const stamp = await stampOf(file);
    expect(bench.queue.knownHash(file, stamp)).toBe(shaOf(image(1)));
  });
});

describe('a dry run that cannot go on', () => {
  it('fails before it reads anything when no server answers', async () => {
    const bench = new Bench();
    bench.write('a.png', image(1));
    let reads = 0;
    const patience: (number | undefined)[] = [];
    const run = bench.run({
      lookup: (_sha256, _signal, patienceMs) => {
        patience.push(patienceMs);
        return Promise.reject(new FleetError('PEER_UNREACHABLE', 'nobody'));
      },
      hash: () => Promise.resolve([]).finally(() => (reads += 1)),
    });
    await expect(run).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect(reads).toBe(0);
    // Whoever asks is told before he doubts that anything happens.
    expect(patience).toEqual([10_000]);
  });

  it('ends with an abort, and asks nothing more', async () => {
    const bench = new Bench();
    for (let index = 0; index < 600; index += 1) bench.write(`${String(index)}.png`, image(index, 100));
    const stop = new AbortController();
    const run = bench.run({ signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(run).rejects.toThrow('enough');
    expect(bench.lookups.map(({ length }) => length)).toEqual([0, 256]);
    await expect(bench.run({ signal: stop.signal })).rejects.toThrow('enough');
  });

  it('tells nothing of which it does not know the first bytes', async () => {
    const bench = new Bench();
    bench.write('a.png', 'text');
    const stop = new AbortController();
    const told: DryRunProgress[] = [];
    const run = bench.run({
      signal: stop.signal,
      lookup: (sha256, signal) => {
        if (sha256.length > 0) stop.abort(new Error('enough'));
        return bench.lookup(sha256, signal);
      },
      onProgress: (progress) => void told.push(progress),
    });
    await expect(run).rejects.toThrow('enough');
    expect(told).toEqual([]);
  });

  it('says of a rule that it is none', async () => {
    await expect(new Bench().run({ rules: { exclude: [''] } })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

it('a file that the scan saw before it was written is judged by what it is now', async () => {
  const bench = new Bench();
  const file = bench.write('a.png', image(1, 20_000));
  const found: FoundFile = { file, path: 'a.png', sizeBytes: 5, mtimeMs: 1, inode: 1 };
  const report = await bench.run({
    scan: async function* () {
      yield await Promise.resolve({ found: [found], passedOver: [] });
    },
  });
  expect(report.classes.tooLarge).toMatchObject({ files: 1, bytes: image(1, 20_000).length });
});
