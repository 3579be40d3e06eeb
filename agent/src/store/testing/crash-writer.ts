import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ImagePath } from '@imagefleet/shared/common/image/image-path.ts';
import { DiskImageStore } from '#store/disk-image-store.ts';
import { recoverStaged } from '#store/recovery.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';

/** Servers that the crash test's images are to go to. */
export const CRASH_PEERS = ['s2', 's3'];
/** Images that are written over and over, each by one writer, so that the order of what is acknowledged is known. */
const OVERWRITTEN = 4;
const CREATORS = 4;

/** What the image at `path` holds in its `turn`-th form. */
export function crashContent(path: string, turn: number): Buffer {
  return Buffer.from(`${path} ${String(turn)} `.repeat(500));
}

export interface OpenedStore {
  readonly store: DiskImageStore;
  readonly catalog: SqliteCatalog;
  /** Paths whose bytes recovery did not find. */
  readonly lost: readonly string[];
}

/** Opens both halves as the agent does at its start. */
export async function openRecovered(folder: string): Promise<OpenedStore> {
  const catalog = new SqliteCatalog({ file: join(folder, 'catalog.sqlite') });
  const store = new DiskImageStore({
    imagesDir: join(folder, 'images'),
    tmpDir: join(folder, 'tmp'),
    trashDir: join(folder, 'trash'),
  });
  await catalog.start(CRASH_PEERS);
  const staged = await catalog.listStaged();
  await store.start(new Set(staged.flatMap(({ stagingName }) => stagingName ?? [])));
  const { lost } = await recoverStaged(catalog, store);
  return { store, catalog, lost: lost.map(({ path }) => path) };
}

async function putImage({ store, catalog }: OpenedStore, path: string, turn: number): Promise<void> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(crashContent(path, turn));
  }
  const isNew = turn === 0;
  const { stagingName, sha256, sizeBytes } = await store.stage(source(), { maxBytes: 1_000_000 });
  if (isNew) await store.publish(stagingName, path as ImagePath);
  else
    await store.keepOld(
      path as ImagePath,
      createHash('sha256')
        .update(`${path}${String(turn)}`)
        .digest('hex'),
    );
  const { outcomes } = await catalog.write(
    [
      {
        ...{ path, sha256, sizeBytes, mediaType: 'image/png', originalName: '' },
        mode: isNew ? 'create' : 'overwrite',
        stagingName: isNew ? null : stagingName,
        targets: CRASH_PEERS.map((server) => ({ server, parkedBy: null })),
      },
    ],
    Date.now(),
  );
  const outcome = outcomes[0];
  if (outcome?.outcome !== 'stored') throw new Error(`${path} ${String(turn)}: ${String(outcome?.outcome)}`);
  if (isNew) return;
  await store.publish(stagingName, path as ImagePath);
  await catalog.clearStaging([{ path, version: outcome.record.version }]);
}

/** Writes until it is killed; each line on standard output is one acknowledged image: `path turn`. */
async function run(folder: string, round: string, firstTurns: readonly number[]): Promise<void> {
  const opened = await openRecovered(folder);
  const acknowledge = (path: string, turn: number): void => {
    writeSync(1, `${path} ${String(turn)}\n`);
  };
  const overwriting = Array.from({ length: OVERWRITTEN }, async (_, index) => {
    const path = `over/${String(index)}.png`;
    for (let turn = firstTurns[index] ?? 0; ; turn += 1) {
      await putImage(opened, path, turn);
      acknowledge(path, turn);
    }
  });
  const creating = Array.from({ length: CREATORS }, async (_, index) => {
    for (let count = 0; ; count += 1) {
      const path = `new/${round}/${String(count % 5)}/${String(index)}-${String(count)}.png`;
      await putImage(opened, path, 0);
      acknowledge(path, 0);
    }
  });
  await Promise.all([...overwriting, ...creating]);
}

if (import.meta.main) {
  const [folder = '', round = '', ...turns] = process.argv.slice(2);
  await run(folder, round, turns.map(Number));
}
