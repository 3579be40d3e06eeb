import { expect, it } from 'vitest';
import { FailureList } from './failure-list.ts';
import type { Comparison } from './reconcile.ts';
import type { RunStatus } from './repair-messages.ts';
import { newServerProgress, stateOf, type ServerProgress } from './repair-report.ts';
import { verifyServer } from './verify-server.ts';

interface Script {
  /** What each comparison finds; the last one for all that follow. */
  readonly finds: readonly Partial<Comparison>[];
  /** What the peer pulls in each of its runs. */
  readonly pulls?: readonly Partial<RunStatus>[];
}

async function verified({ finds, pulls = [] }: Script): Promise<ServerProgress & { readonly compared: number }> {
  const progress = newServerProgress('s2');
  const signal = new AbortController().signal;
  let compared = 0;
  let runs = 0;
  const peer = {
    name: 's2',
    probe: async () => undefined,
    requestRun: async () => String(runs++),
    runStatus: async (run: string) => ({
      ...{ state: 'done' as const, pulled: 0, bytes: 0, failed: [] },
      ...pulls[Number(run)],
    }),
  };
  const reconcile = async (comparison: Comparison): Promise<void> => {
    const { pulled = 0, ...found } = finds[Math.min(compared, finds.length - 1)] ?? {};
    Object.assign(comparison, found);
    comparison.pulled += pulled;
    compared += 1;
  };
  await verifyServer({ peer, reconcile }, progress, signal);
  return { ...progress, compared };
}

it('does not call a server healed that took only a part of what it lacks', async () => {
  const progress = await verified({ finds: [{ lacking: 10 }, { lacking: 7 }], pulls: [{ pulled: 3 }] });
  expect(stateOf(progress)).toBe('differs');
  expect(progress.pushed.pulled).toBe(3);
});

it('compares again after the peer pulled, and counts what it pulled in all rounds', async () => {
  const progress = await verified({
    finds: [{ lacking: 10 }, { lacking: 7 }, { isEqual: true }],
    pulls: [
      { pulled: 3, bytes: 30 },
      { pulled: 7, bytes: 70 },
    ],
  });
  expect(stateOf(progress)).toBe('healed');
  expect(progress).toMatchObject({ compared: 3, pushed: { pulled: 10, bytes: 100 } });
});

it('compares again after this server pulled', async () => {
  const healed = await verified({ finds: [{ pulled: 4 }, { isEqual: true }] });
  expect([stateOf(healed), healed.compared, healed.comparison.pulled]).toEqual(['healed', 2, 4]);
  expect(stateOf(await verified({ finds: [{ pulled: 4 }] }))).toBe('differs');
});

it('compares once when both are alike, or when an image failed, and lets the peer pull all the same', async () => {
  const equal = await verified({ finds: [{ isEqual: true }] });
  expect([stateOf(equal), equal.compared]).toEqual(['equal', 1]);
  const failed = new FailureList();
  failed.add({ path: 'a.png', code: 'DIGEST_MISMATCH', message: 'damaged' });
  const differing = await verified({ finds: [{ lacking: 2, failed }], pulls: [{ pulled: 2 }] });
  expect([stateOf(differing), differing.compared, differing.pushed.pulled]).toEqual(['differs', 1, 2]);
});
