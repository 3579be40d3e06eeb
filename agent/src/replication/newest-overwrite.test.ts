import { afterEach, expect, it, vi } from 'vitest';
import { isLedgerEmpty, TestFleet } from './testing/test-fleet.ts';
import { eventually, imageBytes } from './testing/test-server.ts';

const fleet = new TestFleet();
const PATH = 'site/banner.png';

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

afterEach(() => fleet.stop());

it('keeps the overwrite that was acknowledged last, also when its server had the same bytes already', async () => {
  const servers = [await fleet.server({ name: 's1' }), await fleet.server({ name: 's2' })] as const;
  const [s1, s2] = servers;
  await s1.replicateTo(s2);
  await s2.replicateTo(s1);
  const emptied = () =>
    eventually('ledgers empty', async () => (await Promise.all(servers.map(isLedgerEmpty))).every(Boolean));
  const [before, between] = [imageBytes(2000), imageBytes(2000)];
  await s1.accept(PATH, before);
  await emptied();
  // Nothing reaches s1 for a while, and what s2 takes meanwhile is later than what s1 has.
  s1.store.freeBytes = 0;
  s2.clockOffsetMs = 1_000;
  await s2.accept(PATH, between, 'overwrite');
  await eventually('it waits', async () => (await s2.ledger())[0]?.state === 'parked');
  s1.clockOffsetMs = 2_000;
  await s1.accept(PATH, before, 'overwrite');
  s1.store.freeBytes = 1e12;
  await s2.replicator.replay({});
  await emptied();
  for (const server of servers) expect((await server.read(PATH))?.equals(before)).toBe(true);
});
