import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { PeerClient } from '../peer-client.ts';
import { RepairPeer } from '../repair/repair-peer.ts';
import type { PeerStatus } from '../replication.ts';
import { generatedPath, imageBytes, TestServer } from '../testing/test-server.ts';
import type { CopySource } from './copy-source.ts';
import type { RunEnd } from './reseeding.ts';
import type { ReseedTask } from './reseed-book.ts';
import { reseedRun } from './reseed-run.ts';
import { plant, sourceOf, takingDeps } from './testing/reseed-builders.ts';

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

describe('one run of a fill', () => {
  let s1: TestServer;
  let s2: TestServer;
  let s3: TestServer;
  let clients: ReadonlyMap<string, PeerClient>;
  let sources: ReadonlyMap<string, CopySource>;
  let down: readonly string[];
  let lines: string[];

  beforeEach(async () => {
    s1 = await TestServer.start({ name: 's1' });
    s2 = await TestServer.start({ name: 's2' });
    s3 = await TestServer.start({ name: 's3' });
    await Promise.all([s1, s2, s3].map((server) => server.openCatalog([])));
    const self = (): { id: string; name: string } => ({ id: s1.catalog.serverId, name: 's1' });
    clients = new Map(
      [s2, s3].map(({ name, url, key }) => [
        name,
        new PeerClient({ peer: { name, url, securityKey: key }, self, now: s1.now }),
      ]),
    );
    sources = new Map([s2, s3].map((server) => [server.name, sourceOf(server, s1)]));
    down = [];
    lines = [];
  });

  afterEach(async () => {
    for (const one of [...clients.values(), ...sources.values()]) one.close();
    await Promise.all([s1, s2, s3].map((server) => server.stop()));
  });

  const run = async (task: ReseedTask): Promise<RunEnd> => {
    const statusOf = ({ name, url }: TestServer): PeerStatus => {
      return { name, url, state: down.includes(name) ? 'down' : 'up', cause: null };
    };
    const work = reseedRun({
      ...{ ...takingDeps(s1), repair: s1.repair, sources, wake: () => undefined, uuid: randomUUID },
      peers: new Map([...clients].map(([name, client]) => [name, new RepairPeer(name, client)])),
      statuses: () => [s2, s3].map(statusOf),
      logger: { ...silentLogger, warn: (event) => lines.push(event), error: (event) => lines.push(event) },
    });
    return work(task, () => Promise.resolve(), AbortSignal.timeout(20_000));
  };

  it('takes the records of all peers, and is over when each of them took part', async () => {
    await plant(s2, { path: generatedPath(1) });
    await plant(s3, { path: generatedPath(2) });
    down = ['s3'];
    expect(await run('records')).toBe('catalogWhole');
    expect(await s1.catalog.countImages()).toBe(1);
    down = [];
    expect(await run('records')).toBe('done');
    expect(await s1.catalog.countImages()).toBe(2);
  });

  it('knows no more than the only peer that answers, and that one is being filled itself', async () => {
    await plant(s2, { path: generatedPath(1) });
    s2.hasWholeCatalog = false;
    down = ['s3'];
    expect(await run('records')).toBe('unfinished');
    expect(await s1.catalog.countImages()).toBe(1);
    // When all were asked there is nothing more to know.
    down = [];
    expect(await run('records')).toBe('done');
  });

  it.each(['/peer/v1/repair/root', '/peer/v1/known', '/peer/v1/repair/days', '/peer/v1/fetch'])(
    'takes what the others have while one peer answers rubbish to %s',
    async (url) => {
      await plant(s2, { path: generatedPath(1) });
      await plant(s3, { path: generatedPath(2) });
      s2.intercept = (request, response) => {
        if (request.url !== url) return false;
        response.end('<html>please log in</html>');
        return true;
      };
      expect(await run('records')).toBe('catalogWhole');
      expect(lines).toContain('reseed.peerFailed');
      expect(await s1.read(generatedPath(2))).toBeDefined();
      s2.intercept = () => false;
      expect(await run('records')).toBe('done');
      expect(await s1.catalog.countImages()).toBe(2);
    },
  );

  it('comes again for what a peer could not send, and not for what the peer lacks itself', async () => {
    const bytes = imageBytes(1500);
    await plant(s2, { path: generatedPath(1), bytes });
    await writeFile(s2.fileOf(generatedPath(1)), Buffer.alloc(1500));
    expect(await run('records')).toBe('unfinished');
    expect(lines).toContain('reseed.imagesFailed');
    await rm(s2.fileOf(generatedPath(1)));
    expect(await run('records')).toBe('done');
    expect(await s1.catalog.countImages()).toBe(0);
    await writeFile(s2.fileOf(generatedPath(1)), bytes);
    expect(await run('records')).toBe('done');
    expect(await s1.read(generatedPath(1))).toEqual(bytes);
  });

  it('moves away the bytes of named images that an older folder brought, and fetches those of their records', async () => {
    const bytes = imageBytes(1500);
    for (const path of ['logo.png', 'same.png', generatedPath(1)])
      for (const server of [s1, s2, s3]) await plant(server, { path, bytes });
    const old = imageBytes(1500);
    // A generated name never has other bytes of the same size but by rot, which this is not about.
    for (const path of ['logo.png', generatedPath(1)]) await writeFile(s1.fileOf(path), old);
    expect(await run('named')).toBe('done');
    expect([await s1.read('logo.png'), await s1.read('same.png')]).toEqual([undefined, bytes]);
    expect(await s1.read(generatedPath(1))).toEqual(old);
    const [kept = '', ...more] = await s1.trashed();
    expect([await s1.read(`../trash/${kept}`), more]).toEqual([old, []]);
    expect(await run('files')).toBe('done');
    expect(await s1.read('logo.png')).toEqual(bytes);
    expect(lines).toEqual(['reseed.staleFile']);
  });

  it('looks for a file as long as a peer was not asked that may have it', async () => {
    const bytes = imageBytes(1500);
    for (const server of [s1, s3]) await plant(server, { path: generatedPath(1), bytes });
    await rm(s1.fileOf(generatedPath(1)));
    down = ['s3'];
    expect(await run('files')).toBe('unfinished');
    expect(lines).toEqual(['reseed.filesMissing']);
    down = [];
    expect(await run('files')).toBe('done');
    expect(await s1.read(generatedPath(1))).toEqual(bytes);
  });
});
