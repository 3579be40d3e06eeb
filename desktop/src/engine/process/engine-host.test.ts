import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import type { FromEngine, ToEngine } from '#bridge/engine-messages.ts';
import type { IncidentNews } from '#engine/fleet/fleet-incident.ts';
import { openEngine, type EngineOptions, type OpenedEngine } from '#engine/open-engine.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { EngineHost } from './engine-host.ts';

type Open = (options: EngineOptions) => Promise<OpenedEngine>;

/** A host at the other end of a port that only notes what is told. */
function hostOn(open: Open = openEngine) {
  const told: FromEngine[] = [];
  let say: (message: unknown) => void = () => expect.fail('nobody hears');
  let isClosed = false;
  const host = new EngineHost({
    port: { post: (message) => told.push(message), onMessage: (hear) => (say = hear) },
    open,
    onClosed: () => (isClosed = true),
  });
  host.start();
  onTestFinished(() => host.close());
  const kinds = () => told.map(({ kind }) => kind);
  return {
    told,
    kinds,
    tell: (message: ToEngine) => say(message),
    whenTold: (kind: FromEngine['kind'], times = 1) =>
      vi.waitFor(() => expect(kinds().filter((one) => one === kind).length).toBeGreaterThanOrEqual(times)),
    isClosed: () => isClosed,
    ask: async (api: 'engine' | 'operator', method: string, input: unknown) => {
      const id = told.length + 1000;
      say({ kind: 'call', id, api, method, input });
      const answer = () => told.find((message) => message.kind === 'answer' && message.id === id);
      const found = await vi.waitFor(() => answer() ?? expect.fail('no answer'), { timeout: 10_000 });
      return found.kind === 'answer' ? found.answer : expect.fail('no answer');
    },
  };
}

const ACCESS = { servers: [], key: null };

/** An engine with nothing in it but ears for its listeners. */
function silentEngine(dataDir: string, changed?: (options: EngineOptions) => void) {
  const ears: { live: LiveListener[]; incidents: ((news: IncidentNews) => void)[] } = { live: [], incidents: [] };
  const open: Open = async (options) => {
    changed?.(options);
    const opened = await openEngine({ ...options, dataDir });
    const listen = (listener: LiveListener) => {
      ears.live.push(listener);
      return () => void ears.live.splice(ears.live.indexOf(listener), 1);
    };
    const onIncident = (hear: (news: IncidentNews) => void) => {
      ears.incidents.push(hear);
      return () => void ears.incidents.splice(ears.incidents.indexOf(hear), 1);
    };
    Object.assign(opened.fleet, { listen, onIncident });
    return opened;
  };
  return { open, ears };
}

describe('the engine behind a port', () => {
  it('opens as it is told and answers by the table', async () => {
    const host = hostOn();
    host.tell({ kind: 'open', ...ACCESS, dataDir: tempFolder(), version: '1' });
    const answer = await host.ask('engine', 'listItems', {});
    expect(answer).toEqual({ isOk: true, output: { items: [], next: null } });
    expect(host.kinds()).toContain('opened');
  });

  it('refuses what the tables do not know or do not allow, by a code', async () => {
    const host = hostOn();
    host.tell({ kind: 'open', ...ACCESS, dataDir: tempFolder(), version: '1' });
    const codeOf = async (api: 'engine' | 'operator', method: string, input: unknown) => {
      const answer = await host.ask(api, method, input);
      return answer.isOk ? 'ok' : answer.error.code;
    };
    expect(await codeOf('engine', 'explode', {})).toBe('NOT_FOUND');
    expect(await codeOf('engine', 'toString', {})).toBe('NOT_FOUND');
    expect(await codeOf('operator', '__proto__', {})).toBe('NOT_FOUND');
    expect(await codeOf('engine', 'listItems', { limit: -1 })).toBe('INPUT_INVALID');
    expect(await codeOf('operator', 'getImage', { path: 7 })).toBe('INPUT_INVALID');
    // No server to ask: it came as far as the fleet.
    expect(await codeOf('operator', 'listServers', {})).not.toBe('INPUT_INVALID');
  });

  it('says why it did not open, answers calls by that, and opens by the next `use`', async () => {
    const host = hostOn();
    host.tell({ kind: 'open', servers: ['gopher://s1'], key: null, dataDir: tempFolder(), version: '1' });
    const answer = await host.ask('engine', 'readStatus', {});
    expect(answer).toMatchObject({ isOk: false, error: { code: 'CFG_INVALID' } });
    expect(host.told).toContainEqual(expect.objectContaining({ kind: 'openFailed' }));
    host.tell({ kind: 'use', ...ACCESS });
    expect(await host.ask('engine', 'readStatus', {})).toMatchObject({ isOk: true });
  });

  it('closes the engine before it opens it for other servers, and lets calls wait', async () => {
    const opened: (readonly string[])[] = [];
    const folder = tempFolder();
    const host = hostOn(silentEngine(folder, ({ servers }) => opened.push(servers)).open);
    host.tell({ kind: 'open', ...ACCESS, dataDir: folder, version: '1' });
    host.tell({ kind: 'use', servers: ['http://127.0.0.1:1'], key: 'k' });
    // The queue is one process's and one opening's: a second one beside the first would have failed.
    const answer = await host.ask('engine', 'readStatus', {});
    expect(answer).toMatchObject({ isOk: true, output: { targets: [{ server: 'http://127.0.0.1:1' }] } });
    expect(opened).toEqual([[], ['http://127.0.0.1:1']]);
    expect(host.kinds()).not.toContain('openFailed');
  });

  it('hands on the events, the state of the line and incidents, once each also after a change of servers', async () => {
    const folder = tempFolder();
    const { open, ears } = silentEngine(folder);
    const host = hostOn(open);
    host.tell({ kind: 'open', ...ACCESS, dataDir: folder, version: '1' });
    host.tell({ kind: 'use', ...ACCESS });
    await host.whenTold('opened', 2);
    expect([ears.live.length, ears.incidents.length]).toEqual([1, 1]);
    ears.live[0]?.onState('live');
    ears.live[0]?.onEvent({ kind: 'image', data: {} });
    const incident = {
      ...{ id: 'i', kind: 'servers' as const, servers: ['s1'], code: null, openedAt: 1, since: 1, backAt: null },
      ...{ until: null, lastedMs: null, reopened: 0 },
    };
    ears.incidents[0]?.({ what: 'opened', incident });
    expect(host.told).toContainEqual({ kind: 'liveState', state: 'live' });
    expect(host.told).toContainEqual({ kind: 'liveEvent', event: { kind: 'image', data: {} } });
    expect(host.told).toContainEqual({ kind: 'incident', what: 'opened', incident });
  });

  it('tells of changes at most ten times a second, and of the last one', async () => {
    const folder = tempFolder();
    let changed = (): void => expect.fail('not opened');
    const host = hostOn(silentEngine(folder, ({ onChanged }) => (changed = onChanged ?? changed)).open);
    host.tell({ kind: 'open', ...ACCESS, dataDir: folder, version: '1' });
    await host.whenTold('opened');
    await delay(150);
    const before = host.kinds().filter((kind) => kind === 'queueChanged').length;
    for (let times = 0; times < 1000; times += 1) changed();
    await delay(250);
    expect(host.kinds().filter((kind) => kind === 'queueChanged').length - before).toBe(2);
  });

  it('closes the engine when it is told, and takes no call after', async () => {
    const host = hostOn();
    host.tell({ kind: 'open', ...ACCESS, dataDir: tempFolder(), version: '1' });
    host.tell({ kind: 'close' });
    await vi.waitFor(() => expect(host.isClosed()).toBe(true));
    expect(await host.ask('engine', 'readStatus', {})).toMatchObject({ error: { code: 'SHUTTING_DOWN' } });
  });
});
