import { spawnSync } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { openEngine, type OpenedEngine } from '#engine/open-engine.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { EngineProcesses, heldBy } from './engine-process.ts';

/** Root reads everything; without these two it is a user like others. */
const NO_OVERRIDE = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all'];
const LARGE_BYTES = 3 * 1024 * 1024;

function wrapperOfUser(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const [program = '', ...args] = NO_OVERRIDE;
  return spawnSync(program, [...args, 'true']).status === 0 ? NO_OVERRIDE : undefined;
}

/** What happens to files between the moment at which they were added and the one at which they are sent. */
describe('files that do not stay as they are', () => {
  let fleet: ConsoleFleet;
  let dir: string;
  let folder: string;
  const open = new Set<OpenedEngine>();

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
  });
  afterAll(() => fleet.stop());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-files-'));
    folder = join(dir, 'photos');
    await mkdir(folder);
  });
  afterEach(async () => {
    for (const opened of open) await opened.close();
    open.clear();
    await rm(dir, { recursive: true, force: true });
  });

  async function begin(servers: readonly string[]): Promise<OpenedEngine> {
    const onFault = (error: unknown): never => {
      throw error;
    };
    const opened = await openEngine({ dataDir: join(dir, 'data'), servers, key: fleet.key, version: '0', onFault });
    open.add(opened);
    return opened;
  }

  async function end(opened: OpenedEngine): Promise<void> {
    open.delete(opened);
    await opened.close();
  }

  const place = (name: string): string => join(folder, `${name}.png`);
  const servers = (): string[] => fleet.agents.map(({ url }) => url);

  async function make(...names: readonly string[]): Promise<void> {
    for (const [seed, name] of names.entries()) await writeFile(place(name), pngImage({ seed: seed + 70_000 }));
  }

  /** In the queue, read for their hashes, and not sent: no server answers. */
  async function queueHashed(count: number): Promise<void> {
    const opened = await begin([await closedPort()]);
    opened.start();
    await opened.service.addFolders({ roots: [folder] });
    await expect
      .poll(() => opened.queue.page({ limit: 100 }).items.filter(({ sha256 }) => sha256 !== null).length)
      .toBe(count);
    await end(opened);
  }

  /** Name -> state, and the code of what failed. */
  async function outcomes(opened: OpenedEngine): Promise<Record<string, string>> {
    await opened.engine.whenIdle();
    const { items } = await opened.service.listItems({ limit: 100 });
    return Object.fromEntries(
      items.map(({ path, state, failure }) => [path.replace(/^photos\/|\.png$/g, ''), failure?.code ?? state]),
    );
  }

  it('end each in its own clear way, hold up no other file, and go when somebody tries again', async () => {
    await make('stays', 'rewritten', 'touched', 'grown', 'shorter', 'empty', 'gone', 'folder', 'text');
    const before = await heldBy(fleet);
    await queueHashed(9);
    await writeFile(place('rewritten'), pngImage({ seed: 71_000 }));
    await utimes(place('touched'), new Date(), new Date(Date.now() + 5000));
    await appendFile(place('grown'), 'more');
    await truncate(place('shorter'), 500);
    await truncate(place('empty'), 0);
    await unlink(place('gone'));
    await unlink(place('folder'));
    await mkdir(place('folder'));
    await writeFile(place('text'), 'no image any more');
    const opened = await begin(servers());
    opened.start();
    expect(await outcomes(opened)).toEqual({
      ...{ stays: 'done', rewritten: 'FILE_CHANGED', touched: 'FILE_CHANGED', grown: 'FILE_CHANGED' },
      ...{ shorter: 'FILE_CHANGED', empty: 'FILE_CHANGED', gone: 'FILE_MISSING', folder: 'FILE_CHANGED' },
      text: 'FILE_CHANGED',
    });
    expect((await heldBy(fleet)).paths).toBe(before.paths + 1);
    await rm(place('folder'), { recursive: true });
    await opened.service.retry({});
    expect(await outcomes(opened)).toEqual({
      // Bytes after the end of an image do not make it another kind of file.
      ...{ stays: 'done', rewritten: 'done', touched: 'done', grown: 'done', shorter: 'done' },
      ...{ empty: 'EMPTY_FILE', gone: 'FILE_MISSING', folder: 'FILE_MISSING', text: 'NOT_AN_IMAGE' },
    });
  });

  it.each([
    ['grows', () => appendFile(place('large'), 'more')],
    ['shrinks', () => truncate(place('large'), LARGE_BYTES / 2)],
  ])('are not stored by halves when one %s in the middle of being sent', async (_what, change) => {
    await make('small');
    await writeFile(place('large'), pngImage({ seed: 72_000, sizeBytes: LARGE_BYTES }));
    const before = await heldBy(fleet);
    const opened = await begin(servers());
    await opened.service.setLimits({ bytesPerSecond: 400 * 1024 });
    opened.start();
    await opened.service.addFolders({ roots: [folder] });
    const key = (await opened.service.listItems({ limit: 2 })).items.find(({ path }) => path.includes('large'))?.key;
    await expect
      .poll(() => opened.engine.sentBytes(key ?? 0) ?? 0, { timeout: 20_000, interval: 10 })
      .toBeGreaterThan(100 * 1024);
    await change();
    await opened.service.setLimits({ bytesPerSecond: 0 });
    const { small, large } = await outcomes(opened);
    expect(large).toBe('FILE_CHANGED');
    expect(['done', 'present']).toContain(small);
    expect((await heldBy(fleet)).paths - before.paths).toBe(small === 'done' ? 1 : 0);
  });

  it('that nobody may read any more fail by themselves', async ({ skip }) => {
    const wrapper = wrapperOfUser();
    if (wrapper === undefined || process.platform === 'win32') {
      skip('needs a system with modes of files, and setpriv when it is run as root');
      return;
    }
    await make('first', 'locked', 'last');
    await queueHashed(3);
    await chmod(place('locked'), 0o000);
    const engines = new EngineProcesses({ dataDir: join(dir, 'data'), servers: servers(), key: fleet.key, wrapper });
    const run = engines.begin('run');
    expect(await run.closed).toBe(1);
    const failed = engines.begin('list', '--state', 'failed');
    expect(await failed.closed).toBe(0);
    expect(failed.lines).toMatchObject([{ path: 'photos/locked.png', failure: { code: 'FILE_UNREADABLE' } }]);
    expect(run.counts().done.files + run.counts().present.files).toBe(2);
  });
});

/** The address of a server that is not there. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
}
