import { beforeEach, describe, expect, it } from 'vitest';
import { REOPEN_MS } from '@imagefleet/shared/common/health/incident-rules.ts';
import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Incident } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import { FleetIncidents } from './fleet-incidents.ts';

const CAUSE = { code: 'PROBE_REFUSED', message: 'text' } as const;
const MINUTE = 60_000;

describe('incidents of the fleet', () => {
  let clock: VirtualFleetClock;
  let told: string[];
  let lasted: (number | null)[];
  let incidents: FleetIncidents;
  let ids: number;
  let unnamed: string | undefined;
  let back: (string | undefined)[];

  beforeEach(() => {
    clock = new VirtualFleetClock();
    told = [];
    lasted = [];
    ids = 0;
    unnamed = undefined;
    back = [];
    incidents = new FleetIncidents({
      ...{ clock, newId: () => `i${String((ids += 1))}`, nameOf: (key) => key.toUpperCase() },
      isUnnamed: (key) => key === unnamed,
      isConfigured: (key) => key === unnamed,
      onNews: ({ what, incident: { kind, servers, lastedMs } }) => {
        told.push([what, kind, ...servers].join(' '));
        lasted.push(lastedMs);
      },
      onBack: (key) => back.push(key),
    });
  });

  function agentTells(id: string, servers: readonly string[], missing: readonly string[], isOver = false): void {
    const at = clock.now();
    const facts = { openedAt: at, closedAt: isOver ? at : null, cause: CAUSE, isConfirmed: true, reopened: 0 };
    const incident: Incident = { id, ...facts, servers: [...servers], missing: [...missing] };
    incidents.told(incident, (name) => name);
  }
  function agentSees(states: Readonly<Record<string, ServerState>>, askedMs = clock.monotonic()): void {
    const cause = (state: ServerState) => (state === 'down' ? CAUSE : null);
    incidents.seen(
      Object.entries(states).map(([key, state]) => ({ key, state, cause: cause(state) })),
      askedMs,
    );
  }

  it('are told once when they open and once when they are over, with what they took', async () => {
    agentTells('x', ['s2'], ['s2']);
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(5000);
    expect(incidents.list()).toMatchObject([{ servers: ['S2'], code: 'PROBE_REFUSED', until: null }]);
    await clock.pass(MINUTE - 5000);
    agentSees({ s1: 'up', s2: 'warming' });
    expect(told).toEqual(['opened servers S2']);
    agentTells('x', ['s2'], [], true);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(MINUTE);
    expect(told).toEqual(['opened servers S2', 'over servers S2']);
    expect(lasted).toEqual([null, MINUTE]);
  });

  it('are the same when another agent tells them again under another id', async () => {
    agentTells('of s1', ['s3'], ['s3']);
    await clock.pass(5000);
    agentTells('of s2', ['s3'], ['s3']);
    agentTells('of s1', ['s3'], ['s3']);
    await clock.pass(MINUTE);
    agentTells('of s2', ['s3'], [], true);
    agentTells('of s1', ['s3'], [], true);
    await clock.pass(MINUTE);
    expect(told).toEqual(['opened servers S3', 'over servers S3']);
  });

  it('are one for servers that die at once, whoever names them first', async () => {
    agentTells('x', ['s2'], ['s2']);
    await clock.pass(1000);
    agentSees({ s1: 'up', s2: 'down', s3: 'down' });
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers S2 S3']);
    agentSees({ s1: 'up', s2: 'up', s3: 'down' });
    await clock.pass(10_000);
    expect(told).toHaveLength(1);
    agentSees({ s1: 'up', s2: 'up', s3: 'maintenance' });
    await clock.pass(0);
    expect(told).toEqual(['opened servers S2 S3', 'over servers S2 S3']);
  });

  it('are known without an event, from how the servers are, and also when the event was missed that ends them', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(0);
    expect(told).toEqual(['opened servers S2', 'over servers S2']);
  });

  it('do not end by an answer that is older than what was told', async () => {
    const askedMs = clock.monotonic();
    await clock.pass(500);
    agentTells('x', ['s2'], ['s2']);
    await clock.pass(500);
    agentSees({ s1: 'up', s2: 'up' }, askedMs);
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers S2']);
  });

  it('end with a server that leaves the fleet', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    agentSees({ s1: 'up' });
    await clock.pass(0);
    expect(told).toEqual(['opened servers S2', 'over servers S2']);
  });

  it('go on when a server gets another key, and are told once of it', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    incidents.rename('s2', 'http://b');
    agentSees({ s1: 'up', 'http://b': 'down' });
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers S2']);
    expect(incidents.list()).toMatchObject([{ servers: ['HTTP://B'], backAt: null }]);
    agentSees({ s1: 'up', 'http://b': 'up' });
    await clock.pass(0);
    expect(told).toEqual(['opened servers S2', 'over servers HTTP://B']);
  });

  it('go on under an address when agents tell of that server by a name that nobody can place yet', async () => {
    unnamed = 'http://b';
    incidents.ownDown(new Map([['http://b', CAUSE]]));
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers HTTP://B']);
    expect(incidents.list()).toMatchObject([{ backAt: null }]);
    // Now it has told its name, and agents are understood.
    unnamed = undefined;
    agentSees({ s1: 'up', 'http://b': 'up' });
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers HTTP://B', 'over servers HTTP://B']);
  });

  it('are one for the own network, which accuses no server, and it ends when an agent tells', async () => {
    incidents.ownNetwork(true);
    incidents.ownNetwork(true);
    await clock.pass(MINUTE);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(MINUTE);
    expect(told).toEqual(['opened ownNetwork', 'over ownNetwork']);
    expect(lasted[1]).toBe(MINUTE);
  });

  it('say at once that it is back and how long it took, also when it came again and its end is told late', async () => {
    incidents.ownNetwork(true);
    await clock.pass(20_000);
    incidents.ownNetwork(false);
    await clock.pass(8 * MINUTE);
    incidents.ownNetwork(true);
    const since = clock.now();
    // Also before the second one is told it has not gone from sight.
    expect(incidents.list()).toMatchObject([{ since, openedAt: since - 8 * MINUTE - 20_000, backAt: null }]);
    await clock.pass(20_000);
    expect(back).toEqual([undefined]);
    incidents.ownNetwork(false);
    const backAt = clock.now();
    expect(back).toEqual([undefined, undefined]);
    expect(incidents.list()).toMatchObject([{ since, backAt, until: null, lastedMs: 20_000, reopened: 1 }]);
    await clock.pass(5 * MINUTE);
    expect(incidents.list()).toMatchObject([{ since, backAt, until: backAt, lastedMs: 20_000 }]);
    expect(told).toEqual(['opened ownNetwork', 'over ownNetwork', 'opened ownNetwork', 'over ownNetwork']);
    expect(lasted).toEqual([null, 20_000, null, 20_000]);
  });

  it('measure each failure from its own begin, also one that comes while the last one is watched', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(MINUTE);
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(MINUTE);
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(7000);
    expect(incidents.list()).toMatchObject([{ backAt: null, lastedMs: null }]);
    agentSees({ s1: 'up', s2: 'maintenance' });
    expect(incidents.list()).toMatchObject([{ backAt: clock.now(), since: clock.now() - 7000, lastedMs: 7000 }]);
    expect(back).toEqual(['s2', 's2']);
  });

  it('are forgotten after a while, without another word from anybody', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(REOPEN_MS - 1);
    expect(incidents.list()).toHaveLength(1);
    await clock.pass(1);
    expect(incidents.list()).toEqual([]);
  });

  it('are none of ours when an agent says that itself is cut off', async () => {
    agentSees({ s1: 'up', s2: 'down' });
    await clock.pass(10_000);
    const cause = { code: 'MONITOR_ISOLATED', message: 'text' } as const;
    const rest = { openedAt: 0, closedAt: null, servers: ['s2'], missing: [], isConfirmed: true, reopened: 0 };
    incidents.told({ id: 'x', cause, ...rest }, (name) => name);
    await clock.pass(MINUTE);
    expect(told).toEqual(['opened servers S2']);
  });

  it('name the servers that refuse own probes, and go on as the same when an agent tells', async () => {
    incidents.ownNetwork(true);
    incidents.ownDown(new Map([['s1', CAUSE]]));
    await clock.pass(10_000);
    expect(told).toEqual(['opened servers S1']);
    agentSees({ s1: 'down', s2: 'up' });
    await clock.pass(10_000);
    agentSees({ s1: 'up', s2: 'up' });
    await clock.pass(0);
    expect(told).toEqual(['opened servers S1', 'over servers S1']);
  });

  it('tell nothing any more once they are closed', async () => {
    agentSees({ s2: 'down' });
    incidents.close();
    await clock.pass(MINUTE);
    incidents.ownNetwork(true);
    incidents.ownNetwork(false);
    expect([told, back, clock.timers]).toEqual([[], [], 0]);
  });
});
