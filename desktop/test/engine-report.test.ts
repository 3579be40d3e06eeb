import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFleetClient, type FleetClient } from '@imagefleet/shared/node/fleet-client.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { openEngine, type OpenedEngine } from '#engine/open-engine.ts';
import { cachedHashes } from '#engine/queue/cached-hashes.ts';
import { dryRun } from '#engine/report/dry-run.ts';
import type { DryRunReport } from '#engine/report/dry-run-report.ts';
import { linksText, writeLinks, writeQueueTable } from '#engine/report/export-queue.ts';
import { lookupWithFailOver } from '#engine/report/lookup-with-fail-over.ts';
import { scanFolders } from '#engine/scan/scan-folders.ts';
import { FirstHealthyTarget } from '#engine/target/first-healthy-target.ts';
import { ConsoleFleet } from './console-fleet.ts';

const MACHINE = 'a-machine';
const LIMIT = 20 * 1024;
const PRESENT = pngImage({ seed: 1 });
const NEW = [2, 3, 4].map((seed) => pngImage({ seed }));
const SAME_NAME = pngImage({ seed: 5 });
const { signal } = new AbortController();

interface Page {
  readonly images: readonly { readonly sha256: string; readonly originalName: string }[];
}

let fleet: ConsoleFleet;
let dir: string;
let folder: string;
let opened: OpenedEngine;
const clients: FleetClient[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-report-'));
  fleet = await ConsoleFleet.start({ IMAGEFLEET_LIMITS__FILESIZE: '20KB' });
  await fleet.upload(0, [{ name: 'x.png', bytes: PRESENT }]);
  folder = join(dir, 'photos');
  await fill();
  opened = await openEngine({
    ...{ dataDir: join(dir, 'data'), servers: fleet.agents.map(({ url }) => url), key: fleet.key, version: '0' },
    onFault: (error) => {
      throw error;
    },
  });
});

afterAll(async () => {
  for (const client of clients) client.close();
  await opened.close();
  await fleet.stop();
  await rm(dir, { recursive: true, force: true });
});

/** One folder with a file of every kind. */
async function fill(): Promise<void> {
  const files: readonly (readonly [string, Uint8Array | string])[] = [
    ...NEW.map((bytes, index) => [`new/${String(index)}.png`, bytes] as const),
    ['=new,"quoted".png', pngImage({ seed: 6 })],
    ['twin/0-again.png', NEW[0] ?? ''],
    ['present.png', PRESENT],
    ['other/0.png', SAME_NAME],
    ['empty.png', ''],
    ['text.jpg', 'a text that is called an image'],
    ['large.png', pngImage({ seed: 7, sizeBytes: 2 * LIMIT })],
    ['locked.png', pngImage({ seed: 8 })],
    ['notes.txt', 'no image by its name'],
  ];
  for (const name of ['new', 'twin', 'other']) await mkdir(join(folder, name), { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, name), content);
  await chmod(join(folder, 'locked.png'), 0o000);
}

/** Root may read everything, so the work is done as somebody else then. */
async function asReader<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) {
    await chmod(dir, 0o755);
    process.seteuid?.(65_534);
  }
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

function report(): Promise<DryRunReport> {
  const servers = fleet.agents.map(({ url }) => url);
  const target = new FirstHealthyTarget({ servers, machineKey: MACHINE, now: Date.now, random: Math.random });
  const lookup = lookupWithFailOver(target, (server, sha256) => {
    const client = createFleetClient({ server, key: fleet.key });
    clients.push(client);
    return client.lookupImages({ sha256: [...sha256] });
  });
  return dryRun({
    ...{ roots: [folder], signal, scan: scanFolders, lookup, store: opened.queue },
    ...{ hash: cachedHashes(opened.queue, Date.now), rate: { filesPerSecond: 10, bytesPerSecond: 1e6 } },
  });
}

async function stored(index: number): Promise<Page['images']> {
  return ((await (await fleet.call(index, '/images?limit=1000')).json()) as Page).images;
}

const filesOf = ({ classes }: DryRunReport): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(classes).map(([name, { files }]) => [name, files]));

it('says what an upload would do, does none of it, and is right', async () => {
  const told = await asReader(report);
  expect(filesOf(told)).toEqual({
    ...{ new: 5, present: 1, twin: 1, alreadyQueued: 0, unsupported: 1, empty: 1, tooLarge: 1 },
    ...{ unreadable: 1, vanished: 0, changed: 0 },
  });
  const bytes = [...NEW, SAME_NAME, pngImage({ seed: 6 })].reduce((sum, { length }) => sum + length, 0);
  expect(told.toSend).toEqual({ files: 5, bytes });
  expect(told.forecastSeconds).toBe(0.5);
  expect(told.limits?.fileSizeBytes).toBe(LIMIT);
  expect(told.sameName.examples.map(({ path }) => path)).toEqual(['photos/other/0.png']);
  expect(told.passedOver).toMatchObject({ notImage: { count: 1 } });
  expect(told.classes.present.examples[0]?.image?.link).toMatch(/^http.*\.png$/);
  for (const { files } of Object.values(opened.queue.counts())) expect(files).toBe(0);
  expect(await stored(0)).toHaveLength(1);

  // And now in earnest.
  await asReader(async () => {
    for await (const { found } of scanFolders([folder], { signal })) opened.queue.add(found);
    opened.engine.start({ isPaused: false });
    await opened.engine.whenIdle();
  });
  const counts = opened.queue.counts();
  expect(counts.done.files).toBe(told.toSend.files);
  expect(counts.done.bytes).toBe(told.toSend.bytes);
  expect(counts.present.files).toBe(told.classes.present.files + told.classes.twin.files);
  const { unsupported, empty, tooLarge, unreadable } = told.classes;
  expect(counts.failed.files).toBe(unsupported.files + empty.files + tooLarge.files + unreadable.files);
  const codes = opened.queue.page({ state: 'failed', limit: 100 }).items.map(({ failure }) => failure?.code);
  expect(codes.toSorted()).toEqual(['EMPTY_FILE', 'FILE_TOO_LARGE', 'FILE_UNREADABLE', 'NOT_AN_IMAGE']);
  await expect.poll(async () => (await stored(0)).length, { timeout: 30_000 }).toBe(1 + told.toSend.files);
});

it('then finds all of it in the fleet, and knows the names by the queue', async () => {
  await writeFile(join(folder, 'new/1.png'), pngImage({ seed: 9 }));
  const told = await asReader(report);
  expect(filesOf(told)).toMatchObject({ new: 1, present: 6, twin: 0, unreadable: 1 });
  expect(told.sameName.examples.map(({ path }) => path)).toEqual(['photos/new/1.png']);
});

it('gives links that lead to the bytes, as text and as a file', async () => {
  const choice = { format: 'template', template: '{sha256} {link}' } as const;
  const file = join(dir, 'links.txt');
  expect(await writeLinks(opened.queue, { choice, file, signal })).toBe(7);
  const { text, lines, isWhole } = await linksText(opened.queue, { choice, limit: 100, signal });
  expect([lines, isWhole, `${text}\n`]).toEqual([7, true, await readFile(file, 'utf8')]);
  for (const line of text.split('\n')) {
    const [sha256, link = ''] = line.split(' ');
    const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
});

it('gives a table that other programs read as it was meant', async () => {
  const file = join(dir, 'queue.csv');
  expect(await writeQueueTable(opened.queue, { file, signal })).toBe(11);
  const text = await readFile(file, 'utf8');
  expect(text.startsWith('\ufeffpath,name,sizeBytes,state,link,imagePath,sha256,error\r\n')).toBe(true);
  const rows = cellsOf(text.slice(1));
  expect(rows).toHaveLength(12);
  expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([8]));
  const byName = new Map(rows.map((row) => [row[1], row]));
  expect(byName.get(`'=new,"quoted".png`)?.[3]).toBe('done');
  expect(byName.get('text.jpg')?.slice(3)).toEqual(['failed', '', '', expect.any(String), 'NOT_AN_IMAGE']);
});

/** RFC 4180, for what has no line ends inside of cells. */
function cellsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
