import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { eventually, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { imagesOnDisk, inParallel, sha256, upload } from './support/upload.ts';
import { putNamed } from './support/upload-load.ts';
import { Visitor } from './support/visitor.ts';

const COUNT = 300;

describe('a server whose disk is lost', () => {
  let dir: string;
  let agents: readonly AgentProcess[];
  let s3: AgentProcess;
  let images: Map<string, string>;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agents = await makeFleet(dir, 3);
    [, , s3] = agents as [AgentProcess, AgentProcess, AgentProcess];
    await Promise.all(agents.map((agent) => agent.start()));
    images = new Map();
    await inParallel(
      Array.from({ length: COUNT }, (_, seed) => seed),
      12,
      async (seed) => {
        const bytes = pngImage({ seed, sizeBytes: seed % 50 === 0 ? 1_500_000 : 3000 });
        const target = agents[seed % 3] ?? s3;
        const { path } = await upload(target, { name: `${String(seed)}.png`, bytes });
        images.set(path, sha256(bytes));
      },
    );
    await eventually('everything everywhere', 60_000, () => ledgersEmpty(agents));
  });

  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await rm(dir, { recursive: true, force: true });
  });

  /** The folder in which everything lies that was uploaded. */
  const year = (): string => [...images.keys()][0]?.split('/')[0] ?? '';
  const isWhole = async (): Promise<boolean> => {
    const disk = await imagesOnDisk(s3);
    return [...images].every(([path, hash]) => disk.get(path) === hash);
  };

  /** On every disk with the right hash, in every catalog, and with nothing left to do. */
  const expectEverythingEverywhere = async (): Promise<void> => {
    await eventually('the fill is over', 30_000, async () => (await ownEntry(s3)).reseed === null);
    const disk = await expectEqualFleet(agents, images.size);
    expect([...disk].sort()).toEqual([...images].sort());
    for (const agent of agents) expect(await ownEntry(agent)).toMatchObject({ images: images.size, reseed: null });
    expect(await ledgersEmpty(agents)).toBe(true);
  };

  it('the image folder, while it runs: all files come back by themselves, and every GET is answered meanwhile', async () => {
    const visitor = new Visitor([s3], images);
    visitor.start();
    await eventually('visitors', 10_000, () => Promise.resolve(visitor.visits > 20));
    // A disk that goes does not go file by file.
    await rename(s3.imagesDir, join(dir, 'gone'));
    const before = visitor.visits;
    await eventually('all files are back', 60_000, isWhole);
    expect(await visitor.stop()).toEqual([]);
    expect(visitor.visits).toBeGreaterThan(before);
    await expectEverythingEverywhere();
    expect(await s3.log()).toContain('images.folderEmptied');
    // The same at a start: an empty disk lies where the full one was.
    await s3.stop();
    await rm(s3.imagesDir, { recursive: true });
    await s3.start();
    await eventually('all files are back once more', 60_000, isWhole);
    await expectEverythingEverywhere();
  });

  it('an older image folder, put in its place while it runs: what is newer comes back, and nothing is deleted anywhere', async () => {
    const [before, after] = [pngImage({ seed: 1000, sizeBytes: 3000 }), pngImage({ seed: 1001, sizeBytes: 3000 })];
    await putNamed(s3, 'site/logo.png', before);
    await eventually('everything everywhere', 60_000, () => ledgersEmpty(agents));
    await s3.stop();
    await cp(s3.imagesDir, join(dir, 'backup'), { recursive: true, preserveTimestamps: true });
    await s3.start();
    // Overwritten by one of the same size: only its bytes tell the two apart.
    await putNamed(s3, 'site/logo.png', after);
    images.set('site/logo.png', sha256(after));
    for (let seed = COUNT; seed < COUNT + 20; seed += 1) {
      const bytes = pngImage({ seed, sizeBytes: 3000 });
      images.set((await upload(s3, { name: 'x.png', bytes })).path, sha256(bytes));
    }
    await eventually('everything everywhere', 60_000, () => ledgersEmpty(agents));
    await rename(s3.imagesDir, join(dir, 'gone'));
    await rename(join(dir, 'backup'), s3.imagesDir);
    await eventually('all files are back', 60_000, isWhole);
    await expectEverythingEverywhere();
    expect(await s3.log()).toContain('images.folderOld');
  });

  it('a year of the image folder: all files come back by themselves, after a start and when a visitor meets one', async () => {
    await s3.stop();
    await rm(join(s3.imagesDir, year()), { recursive: true });
    await s3.start();
    await eventually('all files are back', 60_000, isWhole);
    await expectEverythingEverywhere();
    await rm(join(s3.imagesDir, year()), { recursive: true });
    const [path] = images.keys();
    const answer = await fetch(`${s3.url}/${String(path)}`);
    expect(answer.status).toBe(200);
    await eventually('all files are back once more', 60_000, isWhole);
    await expectEverythingEverywhere();
    expect(await s3.log()).not.toContain('images.folderEmptied');
  });

  it('the whole data folder, while it is stopped: it is known, takes everything again in spite of a kill in the middle, and serves meanwhile', async () => {
    const visitor = new Visitor([s3, ...agents.slice(0, 2)], images);
    visitor.start(4);
    await s3.stop();
    await rm(join(s3.dir, 'data'), { recursive: true });
    await s3.start();
    await eventually('it has begun', 20_000, async () => ((await ownEntry(s3)).images ?? 0) > 0);
    // What was brought by then stays, and the rest comes after the restart.
    await s3.stop('SIGKILL');
    const before = visitor.visits;
    await s3.start();
    await eventually('all files are back', 60_000, isWhole);
    expect(await visitor.stop()).toEqual([]);
    expect(visitor.visits).toBeGreaterThan(before);
    expect(visitor.detours).toBeGreaterThan(0);
    await expectEverythingEverywhere();
    expect(await s3.log()).toMatch(/"knownAs":\["\w{10}"\].*reseed\.replacedServer/);
  });
});

interface OwnEntry {
  readonly name: string;
  readonly images: number | null;
  readonly reseed: object | null;
}

async function ownEntry(agent: AgentProcess): Promise<OwnEntry> {
  const { servers } = await agent.api<{ servers: OwnEntry[] }>('/servers');
  const own = servers.find(({ name }) => name === agent.name);
  if (own === undefined) throw new Error(`${agent.name} does not name itself`);
  return own;
}
