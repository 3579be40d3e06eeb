import { beforeEach, describe, expect, it } from 'vitest';
import { GATHER_MS, JOIN_MS } from './incident-rules.ts';
import { LivedIncidents } from '#testing/lived-incidents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let rules: LivedIncidents;
beforeEach(() => {
  rules = new LivedIncidents();
});

describe('servers that fail together', () => {
  it('are one notice, and one when all of them are back', () => {
    const servers = Array.from({ length: 50 }, (_, index) => `s${String(index)}`);
    for (const server of servers) {
      rules.to('down', server);
      rules.pass(40);
    }
    rules.pass(HOUR);
    expect(rules.told).toMatchObject([{ what: 'incident', servers }]);
    for (const server of servers) rules.to('warming', server);
    expect(rules.told).toHaveLength(1);
    for (const server of servers) {
      expect(rules.told).toHaveLength(1);
      rules.to('up', server);
    }
    expect(rules.told.slice(1)).toMatchObject([{ what: 'recovery', servers }]);
    rules.pass(HOUR);
    expect(rules.told).toHaveLength(2);
    expect([...rules.kept.values()]).toMatchObject([{ missing: [], reopened: 0 }]);
    expect(rules.kept.values().next().value?.closedAt).not.toBeNull();
  });

  it('are told when the others had time to fail too', () => {
    rules.to('down', 's1');
    rules.pass(GATHER_MS - 1);
    expect(rules.told).toEqual([]);
    rules.to('down', 's2');
    rules.pass(1);
    expect(rules.told).toMatchObject([{ servers: ['s1', 's2'] }]);
  });

  it('take in who fails a little later, without another word', () => {
    rules.to('down', 's1');
    rules.pass(JOIN_MS);
    rules.to('down', 's2');
    rules.pass(HOUR);
    rules.to('up', 's1');
    expect(rules.told).toHaveLength(1);
    rules.to('up', 's2');
    expect(rules.told.at(-1)).toMatchObject({ what: 'recovery', servers: ['s1', 's2'] });
  });

  it.each([
    ['much later', JOIN_MS + 1, 'PEER_TIMEOUT'],
    ['from another cause', 100, 'PEER_UNREACHABLE'],
  ] as const)('do not take in who fails %s', (_name, laterMs, code) => {
    rules.to('down', 's1');
    rules.pass(laterMs);
    rules.to('down', 's2', code);
    rules.pass(HOUR);
    expect(rules.told).toMatchObject([{ servers: ['s1'] }, { servers: ['s2'] }]);
  });

  it('are confirmed as soon as one of them is', () => {
    rules.to('down', 's1', 'PEER_TIMEOUT', false);
    rules.pass(GATHER_MS);
    rules.to('down', 's2', 'PEER_TIMEOUT', false);
    expect(rules.told.map(({ isConfirmed }) => isConfirmed)).toEqual([false]);
    expect(rules.open).toMatchObject([{ isConfirmed: false }]);
    rules.to('down', 's3');
    expect(rules.open).toMatchObject([{ isConfirmed: true }]);
  });

  it('are missed no more when somebody has taken them in hand', () => {
    rules.to('down', 's1');
    rules.pass(GATHER_MS);
    rules.to('maintenance', 's1');
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery']);
  });
});

describe('a monitor whose own network is cut', () => {
  it('tells it once, whatever it cannot see, and once that it is over', () => {
    rules.take({ kind: 'isolation', isIsolated: true });
    for (const server of ['s1', 's2', 's3']) rules.to('unknown', server);
    rules.take({ kind: 'isolation', isIsolated: true });
    rules.pass(HOUR);
    expect(rules.told).toMatchObject([{ what: 'incident', servers: ['s1', 's2', 's3'] }]);
    rules.take({ kind: 'isolation', isIsolated: false });
    for (const server of ['s1', 's2', 's3']) rules.to('up', server);
    rules.pass(HOUR);
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery']);
    expect(rules.kept.values().next().value?.cause?.code).toBe('MONITOR_ISOLATED');
  });

  it('and is started again does not know better until somebody else answers', () => {
    rules.take({ kind: 'isolation', isIsolated: true });
    rules.pass(GATHER_MS);
    rules.restart(['s1', 'own']);
    rules.to('warming', 'own');
    rules.to('up', 'own');
    rules.pass(HOUR);
    expect(rules.told).toHaveLength(1);
    rules.to('warming', 's1');
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery']);
  });
});

describe('a monitor that is started again', () => {
  it('tells nothing twice and closes what the one before opened', () => {
    rules.to('down', 's1');
    rules.to('down', 's2');
    rules.pass(MINUTE);
    rules.restart(['s1', 's2']);
    rules.pass(MINUTE);
    rules.to('down', 's1');
    rules.to('up', 's2');
    rules.pass(MINUTE);
    rules.restart(['s1', 's2']);
    expect(rules.told).toHaveLength(1);
    rules.to('up', 's1');
    rules.restart(['s1', 's2']);
    rules.pass(HOUR);
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery']);
  });

  it('tells what the one before had no time to tell', () => {
    rules.to('down', 's1');
    rules.restart(['s1']);
    expect(rules.told).toMatchObject([{ what: 'incident', servers: ['s1'] }]);
  });

  it('does not wait for a server that is not watched any more', () => {
    rules.to('down', 's1');
    rules.pass(MINUTE);
    rules.restart(['s2']);
    rules.pass(MINUTE);
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery']);
  });

  it('opens an incident again that ended shortly before', () => {
    rules.to('down', 's1');
    rules.pass(MINUTE);
    rules.to('up', 's1');
    rules.restart(['s1']);
    rules.pass(MINUTE);
    rules.to('down', 's1');
    rules.pass(MINUTE);
    expect(new Set(rules.told.map(({ id }) => id)).size).toBe(1);
    expect(rules.open).toMatchObject([{ reopened: 1 }]);
  });
});
