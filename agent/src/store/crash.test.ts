import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { CRASH_PEERS, crashContent, openRecovered, type OpenedStore } from './testing/crash-writer.ts';
import { contentOf, pathOf, sha256Of } from './testing/image-store-contract.ts';
import { tempFolder } from './testing/temp-folder.ts';

const WRITER = fileURLToPath(new URL('./testing/crash-writer.ts', import.meta.url));
const ROUNDS = 5;
const random = seededRandom(20_251_123);

/** Path -> the highest turn that was acknowledged. */
type Acknowledged = Map<string, number>;

/** Runs a writer until it has acknowledged so many images, then kills it in the middle of the next ones. */
async function writeUntilKilled(args: readonly string[], count: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, [WRITER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: Acknowledged = new Map();
  const exited = once(child, 'exit');
  let left = count;
  for await (const line of createInterface({ input: child.stdout })) {
    const [path = '', turn = ''] = line.split(' ');
    acknowledged.set(path, Number(turn));
    left -= 1;
    if (left === 0) child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

/** The turn whose content the record and the file hold; both must agree. */
async function storedTurn({ store, catalog }: OpenedStore, path: string, acknowledged: number): Promise<number> {
  const record = await catalog.find(path);
  const content = await contentOf(store, pathOf(path));
  if (record?.kind !== 'present' || content === undefined) throw new Error(`${path} was acknowledged and is gone`);
  expect(sha256Of(content), path).toBe(record.sha256);
  expect(record.stagingName).toBeNull();
  const deliveries = await catalog.deliveriesOf(path);
  expect(deliveries.map(({ server, version }) => [server, version])).toEqual(
    CRASH_PEERS.map((server) => [server, record.version]),
  );
  // An image that was not acknowledged any more may have been stored all the same.
  return content.equals(crashContent(path, acknowledged)) ? acknowledged : acknowledged + 1;
}

it('has everything it acknowledged after kill -9, with whole files and their deliveries', async () => {
  const folder = await tempFolder();
  const all: Acknowledged = new Map();
  const nextTurns = [0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const args = [folder, String(round), ...nextTurns.map(String)];
    for (const [path, turn] of await writeUntilKilled(args, 20 + Math.floor(random() * 200))) all.set(path, turn);
    const opened = await openRecovered(folder);
    try {
      expect(opened.lost).toEqual([]);
      expect(await readdir(join(folder, 'tmp'))).toEqual([]);
      for (const [path, turn] of all) {
        const stored = await storedTurn(opened, path, turn);
        expect((await contentOf(opened.store, pathOf(path)))?.equals(crashContent(path, stored)), path).toBe(true);
        all.set(path, stored);
      }
      for (const [index] of nextTurns.entries()) {
        const path = `over/${String(index)}.png`;
        const isThere = (await opened.catalog.find(path)) !== undefined;
        nextTurns[index] = isThere ? (all.get(path) ?? 0) + 1 : 0;
      }
      expect(await opened.catalog.countImages()).toBe((await opened.catalog.listImages({ limit: 100_000 })).length);
    } finally {
      await opened.catalog.stop();
    }
  }
  expect(all.size).toBeGreaterThan(50);
}, 60_000);
