import { expect } from 'vitest';
import type { AgentProcess } from './agent-process.ts';
import { imagesOnDisk, inParallel, leftInTmp, sha256 } from './upload.ts';
import type { UploadLoad } from './upload-load.ts';

/** Answers of GETs at the same time. */
const WIDTH = 16;

/** What of a load's acknowledged images is missing or damaged on the disk, as `path: what is there`. */
export async function lostOnDisk(agent: AgentProcess, load: UploadLoad): Promise<readonly string[]> {
  const disk = await imagesOnDisk(agent);
  return lostOf(load, (path) => disk.get(path));
}

/**
 * After a start: every acknowledged image is there with its bytes, on the disk and by GET; every file in the tree is a
 * whole image; every record has its bytes; the tmp area is empty and the log of the start has no error.
 */
export async function expectNothingLost(agent: AgentProcess, ...loads: readonly UploadLoad[]): Promise<void> {
  const disk = await imagesOnDisk(agent);
  const records = await recordsOf(agent);
  for (const load of loads) {
    const served = new Map<string, string>();
    const unproved = [...load.created.keys()].filter((path) => !load.proved.has(path));
    await inParallel([...unproved, ...load.named.keys()], WIDTH, async (path) => {
      served.set(path, await hashServed(agent, path));
    });
    expect(
      {
        onDisk: lostOf(load, (path) => disk.get(path)),
        inTheCatalog: lostOf(load, (path) => records.get(path)),
        forReaders: lostOf(load, (path) => served.get(path) ?? records.get(path)),
      },
      'acknowledged and lost',
    ).toEqual({ onDisk: [], inTheCatalog: [], forReaders: [] });
    for (const path of unproved) load.proved.add(path);
  }
  const sent = new Set(loads.flatMap((load) => [...load.sent]));
  expect(
    [...disk].filter(([, hash]) => !sent.has(hash)),
    'files that are no whole image',
  ).toEqual([]);
  expect(
    [...records].filter(([path, hash]) => disk.get(path) !== hash),
    'records without bytes',
  ).toEqual([]);
  expect(await leftInTmp(agent)).toEqual([]);
  expect(agent.linesSinceStart.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

function lostOf(load: UploadLoad, hashAt: (path: string) => string | undefined): readonly string[] {
  const lost: string[] = [];
  for (const [path, hash] of load.created) if (hashAt(path) !== hash) lost.push(`${path}: ${String(hashAt(path))}`);
  for (const [path, { acknowledged, unsure }] of load.named) {
    const hash = hashAt(path);
    const isThere = hash === acknowledged || (hash !== undefined && unsure.has(hash));
    const neverWas = acknowledged === undefined && (hash === undefined || hash === NOT_FOUND);
    if (!isThere && !neverWas) lost.push(`${path}: ${String(hash)}`);
  }
  return lost;
}

const NOT_FOUND = 'status 404';

async function hashServed(agent: AgentProcess, path: string): Promise<string> {
  const response = await fetch(`${agent.url}/${path}`);
  const body = new Uint8Array(await response.arrayBuffer());
  return response.status === 200 ? sha256(body) : `status ${String(response.status)}`;
}

/** Path -> hash of every record. */
async function recordsOf(agent: AgentProcess): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = `limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page: { images: { path: string; sha256: string }[]; next: string | null } = await agent.api(
      `/images?${query}`,
    );
    for (const image of page.images) found.set(image.path, image.sha256);
    cursor = page.next;
  }
  return found;
}
