import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { aVerdict, aWatchedState, FakeMonitorView } from '#monitor/testing/fake-monitor-view.ts';
import { monitorQueries } from './monitor-queries.ts';
import { FakeReplication } from './testing/fake-replication.ts';

const NOW = 1_000_000_000_000;
const DAY_MS = 86_400_000;

/** Agents s1, s2 and s3; s1 is asked. */
function queries(answer: FakeReplication['answer'] = () => Promise.reject(new Error('not asked'))) {
  const monitor = new FakeMonitorView([
    aWatchedState({ name: 's2', isAgent: true }),
    aWatchedState({ name: 'db:1', host: 'db', port: 1 }),
  ]);
  const replication = new FakeReplication(['s2', 's3']);
  replication.answer = answer;
  const fleet = { replication, logger: silentLogger, deadlineMs: 30 };
  return { monitor, handlers: monitorQueries({ monitor, now: () => NOW, fleet }) };
}

describe('maintenance', () => {
  it('is set on the agent that was asked, for its own view', async () => {
    const { handlers } = queries();
    const on = await handlers.setMaintenance({ name: 's2', on: true, scope: 'server' });
    expect(on).toEqual({ name: 's2', state: 'maintenance', silent: [] });
    expect(await handlers.setMaintenance({ name: 's2', on: false, scope: 'server' })).toMatchObject({
      state: 'unknown',
    });
  });

  it('is set on all agents, one hop, and those that do not answer are named', async () => {
    const asked: unknown[] = [];
    const { handlers } = queries((server, method, input) => {
      asked.push([server, method, input]);
      return server === 's3'
        ? new Promise(() => undefined)
        : Promise.resolve({ name: 's2', state: 'maintenance', silent: [] });
    });
    const answer = await handlers.setMaintenance({ name: 's2', on: true, scope: 'fleet' });
    expect(answer).toEqual({ name: 's2', state: 'maintenance', silent: ['s3'] });
    const input = { name: 's2', on: true, scope: 'server' };
    expect(asked).toEqual([
      ['s2', 'setMaintenance', input],
      ['s3', 'setMaintenance', input],
    ]);
  });

  it('counts an agent that does not watch the server as one that answered', async () => {
    const { handlers } = queries(() => Promise.reject(new FleetError('SERVER_UNKNOWN', 'not here')));
    expect(await handlers.setMaintenance({ name: 'db:1', on: true, scope: 'fleet' })).toMatchObject({ silent: [] });
  });

  it('is set nowhere when the agent that was asked does not know the server', async () => {
    let isAsked = false;
    const { handlers } = queries(() => {
      isAsked = true;
      return Promise.resolve({});
    });
    await expect(handlers.setMaintenance({ name: 's9', on: true, scope: 'fleet' })).rejects.toMatchObject({
      code: 'SERVER_UNKNOWN',
    });
    expect(isAsked).toBe(false);
  });

  it('concerns one monitor alone where there is no fleet', async () => {
    const monitor = new FakeMonitorView([aWatchedState({ name: 'db:1' })]);
    const handlers = monitorQueries({ monitor, now: () => NOW });
    const answer = await handlers.setMaintenance({ name: 'db:1', on: true, scope: 'fleet' });
    expect(answer).toEqual({ name: 'db:1', state: 'maintenance', silent: [] });
  });
});

describe('the history of a server', () => {
  it('is that of the last day unless a range is given', async () => {
    const { monitor, handlers } = queries();
    await handlers.readServerHistory({ name: 's2', points: 200 });
    await handlers.readServerHistory({ name: 's2', points: 5, to: DAY_MS * 3 });
    await handlers.readServerHistory({ name: 's2', points: 5, from: 7, to: 8 });
    expect(monitor.ranges).toEqual([
      { from: NOW - DAY_MS, to: NOW, points: 200 },
      { from: DAY_MS * 2, to: DAY_MS * 3, points: 5 },
      { from: 7, to: 8, points: 5 },
    ]);
  });

  it('has no range that ends before it begins, and is of servers that are watched', async () => {
    const { handlers } = queries();
    for (const range of [{ from: 8, to: 8 }, { from: 9, to: 8 }, { from: NOW }]) {
      await expect(handlers.readServerHistory({ name: 's2', points: 5, ...range })).rejects.toMatchObject({
        code: 'INPUT_INVALID',
      });
    }
    await expect(handlers.readServerHistory({ name: 's9', points: 5 })).rejects.toMatchObject({
      code: 'SERVER_UNKNOWN',
    });
  });
});

describe('the verdict on a server', () => {
  it('is the monitor’s own', async () => {
    const { monitor, handlers } = queries();
    monitor.verdicts.set('s2', aVerdict());
    expect(await handlers.explainServer({ name: 's2' })).toEqual(aVerdict());
    await expect(handlers.explainServer({ name: 's9' })).rejects.toMatchObject({ code: 'SERVER_UNKNOWN' });
  });
});
