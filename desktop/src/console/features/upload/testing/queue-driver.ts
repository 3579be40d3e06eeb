import { expect } from 'vitest';
import { UploadQueue } from '../upload-queue.ts';
import { FakeFleet, pngNamed } from './fake-fleet.ts';

export function start(fleet = new FakeFleet()): { fleet: FakeFleet; queue: UploadQueue } {
  return { fleet, queue: new UploadQueue(fleet.ports) };
}

/** Until nothing is left to do, with time that passes. */
export async function finish(fleet: FakeFleet, queue: UploadQueue): Promise<void> {
  for (let turns = 0; turns < 200 && queue.hasWork; turns += 1) await fleet.advance(20);
  expect(queue.hasWork).toBe(false);
}

export async function sending(fleet: FakeFleet, count: number): Promise<void> {
  for (let turns = 0; turns < 200 && fleet.sent.length < count; turns += 1) await fleet.advance(20);
  expect(fleet.sent).toHaveLength(count);
}

export const names = (count: number): ReturnType<typeof pngNamed>[] =>
  Array.from({ length: count }, (_, index) => pngNamed(`${String(index)}.png`));
