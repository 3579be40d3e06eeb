import { expect, it } from 'vitest';
import { FreeSpaceFloor } from './free-space-floor.ts';

function floorOf(floorBytes: number, freeBytes: () => number): FreeSpaceFloor {
  return new FreeSpaceFloor({ space: () => Promise.resolve({ freeBytes: freeBytes(), totalBytes: 1e12 }) }, floorBytes);
}

it('refuses what would leave less than the floor, to the byte', async () => {
  const floor = floorOf(1000, () => 1500);
  await floor.assertRoomFor(500);
  await expect(floor.assertRoomFor(501)).rejects.toMatchObject({ code: 'DISK_FULL' });
});

it('says the same sentence however many bytes are left', async () => {
  let free = 999;
  const floor = floorOf(1000, () => free);
  const first = await floor.assertRoomFor(0).catch(String);
  free = 3;
  expect(await floor.assertRoomFor(70).catch(String)).toBe(first);
  expect(first).toContain('1000 bytes');
});

it('does not ask the disk where there is no floor and nothing to weigh', async () => {
  const floor = floorOf(0, () => {
    throw new Error('asked');
  });
  await floor.assertRoomFor(0);
  await expect(floorOf(0, () => 5).assertRoomFor(6)).rejects.toMatchObject({ code: 'DISK_FULL' });
});
