import { describe, expect, it } from 'vitest';
import type { EngineInput, EngineOutput } from '#bridge/engine-api.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { aReport, FakeQueue } from '#console/testing/fake-queue.ts';
import { FolderIntake } from './folder-intake.ts';

type Asked = Pick<EngineInput<'checkFolders'>, 'roots'>;

/** An engine whose looks end when the test says so. */
function start() {
  const queue = new FakeQueue();
  const looks: { readonly roots: readonly string[]; readonly end: (report: EngineOutput<'checkFolders'>) => void }[] =
    [];
  const added: (readonly string[])[] = [];
  const intake = new FolderIntake({
    addFolders: ({ roots }: Asked) => {
      added.push(roots);
      return queue.addFolders({ roots });
    },
    checkFolders: ({ roots }: Asked) => new Promise((end) => looks.push({ roots, end })),
    readCheck: async () => ({ files: 7, bytes: 70 }),
  });
  return { queue, looks, added, intake };
}

const report = aReport({ new: 2 });

describe('folders that are given', () => {
  it('are looked at first, and added when that is wanted', async () => {
    const { intake, looks, added } = start();
    const taken = intake.take(['/a'], true);
    await expect.poll(() => intake.state()).toEqual({ kind: 'checking', found: { files: 7, bytes: 70 } });
    looks[0]?.end(report);
    await taken;
    expect([intake.state(), added]).toEqual([{ kind: 'checked', report }, []]);
    await intake.add();
    expect(added).toEqual([['/a']]);
    expect(intake.state()).toMatchObject({ kind: 'added', answer: { added: 2 } });
  });

  it('are added at once without asking', async () => {
    const { intake, looks, added } = start();
    await intake.take(['/a'], false);
    expect([looks.length, added]).toEqual([0, [['/a']]]);
  });

  it('while others are looked at, are looked at together with them', async () => {
    const { intake, looks, added } = start();
    const taken = intake.take(['/a'], true);
    await intake.take(['/b'], true);
    looks[0]?.end(report);
    await expect.poll(() => looks[1]?.roots).toEqual(['/a', '/b']);
    looks[1]?.end(report);
    await taken;
    await intake.add();
    expect(added).toEqual([['/a', '/b']]);
  });

  it('are forgotten when they are not wanted, also in the middle of a look', async () => {
    const { intake, looks, added } = start();
    const taken = intake.take(['/a'], true);
    intake.dismiss();
    expect(intake.state().kind).toBe('idle');
    await intake.take(['/b'], true);
    looks[0]?.end(report);
    await expect.poll(() => looks[1]?.roots).toEqual(['/b']);
    looks[1]?.end(report);
    await taken;
    await intake.add();
    expect(added).toEqual([['/b']]);
  });

  it('that could not be looked at may be added all the same', async () => {
    const { queue, added } = start();
    const refusal = new FleetError('PEER_UNREACHABLE', 'nobody answers');
    const intake = new FolderIntake({
      readCheck: queue.readCheck,
      checkFolders: () => Promise.reject(refusal),
      addFolders: ({ roots }: Asked) => {
        added.push(roots);
        return queue.addFolders({ roots });
      },
    });
    await intake.take(['/a'], true);
    expect(intake.state()).toEqual({ kind: 'failed', error: refusal });
    await intake.add();
    expect([intake.state().kind, added]).toEqual(['added', [['/a']]]);
  });

  it('are nothing when a dialog was closed', async () => {
    const { intake, looks } = start();
    await intake.take([], true);
    expect([intake.state().kind, looks.length]).toEqual(['idle', 0]);
  });
});
