import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import type { EmptiedPart, Trash } from '#store/trash.ts';
import { TrashSweep } from './trash-sweep.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = 100 * DAY_MS;

function part(deleted: number, failures: readonly FleetError[] = []): EmptiedPart {
  return { deleted, failures };
}

describe('the sweep of the trash', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ['setInterval', 'clearInterval', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  function sweepOf(parts: () => AsyncIterable<EmptiedPart>) {
    const asked: number[] = [];
    const events: (string | object)[] = [];
    const trash: Trash = {
      empty: (keptBefore) => {
        asked.push(keptBefore);
        return parts();
      },
    };
    const note = (event: string, fields?: object): unknown => events.push(event, fields ?? {});
    const logger = { ...silentLogger, info: note, warn: note };
    const sweep = new TrashSweep({ trash, periodMs: 30 * DAY_MS, now: Date.now, logger });
    return { sweep, asked, events };
  }

  /** The pauses between the parts are real; only the hours are not. */
  async function something(events: readonly unknown[]): Promise<void> {
    while (events.length === 0) await new Promise(setImmediate);
  }

  it('deletes what is older than the period, at the start and every hour', async () => {
    const { sweep, asked, events } = sweepOf(async function* () {
      yield* [part(2), part(0)];
    });
    sweep.start();
    await something(events);
    expect(events).toEqual(['trash.emptied', { count: 2 }]);
    vi.advanceTimersByTime(3_599_999);
    expect(asked).toEqual([70 * DAY_MS]);
    vi.advanceTimersByTime(1);
    expect(asked).toEqual([70 * DAY_MS, 70 * DAY_MS + 3_600_000]);
    await sweep.stop();
    vi.advanceTimersByTime(DAY_MS);
    expect(asked).toHaveLength(2);
  });

  it('ends after the part that is under way when it stops, and never runs twice at once', async () => {
    let parts = 0;
    const { sweep, asked } = sweepOf(async function* () {
      for (;;) {
        parts += 1;
        yield part(1);
      }
    });
    sweep.start();
    vi.advanceTimersByTime(3 * 3_600_000);
    await sweep.stop();
    expect([parts, asked.length]).toEqual([1, 1]);
  });

  it('counts what could not be deleted, in one line', async () => {
    const first = new FleetError('IO_FAILED', 'EIO');
    const { sweep, events } = sweepOf(async function* () {
      yield part(1, [first]);
      yield part(1, [new FleetError('IO_FAILED', 'EPERM')]);
    });
    sweep.start();
    while (events.length < 4) await new Promise(setImmediate);
    expect(events).toEqual(['trash.emptied', { count: 2 }, 'trash.notDeleted', { count: 2, error: first }]);
    await sweep.stop();
  });

  it('goes on an hour later when the disk failed', async () => {
    const { sweep, asked, events } = sweepOf(async function* () {
      yield part(1);
      throw new Error('EIO');
    });
    sweep.start();
    await something(events);
    expect(events[0]).toBe('trash.notEmptied');
    vi.advanceTimersByTime(3_600_000);
    expect(asked).toHaveLength(2);
    await sweep.stop();
  });
});
