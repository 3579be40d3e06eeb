import { afterEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { isLedgerEmpty, TestFleet } from './testing/test-fleet.ts';
import { eventually, imageBytes, type TestServer } from './testing/test-server.ts';

const fleet = new TestFleet();
const LOST = 'logos/a.png';
const WON = 'Logos/A.png';

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

/** Two servers that have each taken an image under another spelling of one path, and a third; none has sent anything. */
async function threeServers(lostBytes: Buffer, wonBytes: Buffer): Promise<readonly TestServer[]> {
  const servers = await Promise.all(['s1', 's2', 's3'].map((name) => fleet.server({ name })));
  const [s1, s2, s3] = servers as [TestServer, TestServer, TestServer];
  for (const server of servers) server.store.freeBytes = 0;
  for (const server of servers) await server.replicateTo(...servers.filter((other) => other !== server));
  s2.clockOffsetMs = 60_000;
  await s1.accept(LOST, lostBytes);
  await s2.accept(WON, wonBytes);
  return [s1, s2, s3];
}

async function letThemReplicate(servers: readonly TestServer[]): Promise<void> {
  for (const server of servers) server.store.freeBytes = 1e12;
  for (const server of servers) await server.replicator.replay({});
  await eventually('ledgers empty', async () => (await Promise.all(servers.map(isLedgerEmpty))).every(Boolean), 20_000);
}

describe('an image that was uploaded under two spellings of one path, at two servers', () => {
  it.each<[string, Buffer, Buffer]>([
    ['other bytes', imageBytes(2000), imageBytes(3000)],
    ['large ones', imageBytes(2_000_000), imageBytes(2_000_001)],
    ['the same bytes', Buffer.alloc(2000, 7), Buffer.alloc(2000, 7)],
  ])('ends as the newer one everywhere, and the older one is in the trash of who had it (%s)', async (_, lost, won) => {
    const servers = await threeServers(lost, won);
    await letThemReplicate(servers);
    for (const server of servers) {
      expect(await server.catalog.findAnyCase(LOST)).toMatchObject({ path: WON, stagingName: null });
      expect((await server.read(WON))?.equals(won)).toBe(true);
      // On a disk that tells the two apart; one that does not has but one file.
      expect(await server.read(LOST)).toBeUndefined();
      expect([await server.leftovers(), await server.catalog.countImages()]).toEqual([[], 1]);
    }
    const [s1, s2] = servers as [TestServer, TestServer];
    const [kept = ''] = await s1.trashed();
    expect((await s1.read(`../trash/${kept}`))?.equals(lost)).toBe(true);
    expect(await s2.trashed()).toEqual([]);
  });

  it('ends like that also where the loser’s file could not be removed, but for the file', async () => {
    const [s1, s2, s3] = (await threeServers(imageBytes(2000), imageBytes(3000))) as [
      TestServer,
      TestServer,
      TestServer,
    ];
    s1.store.unpublish = () => Promise.reject(new FleetError('IO_FAILED', 'a bad sector'));
    await letThemReplicate([s1, s2, s3]);
    expect(await s1.catalog.findAnyCase(LOST)).toMatchObject({ path: WON, stagingName: null });
    expect(await s1.read(LOST)).toHaveLength(2000);
    expect(await s1.trashed()).toHaveLength(1);
  });
});
