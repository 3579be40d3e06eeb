import { describe, expect, it } from 'vitest';
import type { FromEngine, ToEngine } from '#bridge/engine-messages.ts';
import { EngineKeeper, type EngineProcessHearer } from './engine-keeper.ts';
import type { EngineCall } from './waiting-calls.ts';
import { ManualClock } from './testing/manual-clock.ts';

class FakeProcess {
  readonly told: ToEngine[] = [];
  readonly hearer: EngineProcessHearer;
  isKilled = false;

  constructor(hearer: EngineProcessHearer) {
    this.hearer = hearer;
  }

  say(message: FromEngine): void {
    this.hearer.onMessage(message);
  }

  open(): void {
    this.say({ kind: 'opened', setAside: [] });
  }

  get calls() {
    return this.told.flatMap((message) => (message.kind === 'call' ? [message] : []));
  }

  answer(index: number, output: unknown): void {
    this.say({ kind: 'answer', id: this.calls[index]?.id ?? -1, answer: { isOk: true, output } });
  }
}

function keeper() {
  const clock = new ManualClock();
  const processes: FakeProcess[] = [];
  const states: string[] = [];
  const setAside: string[] = [];
  const told: string[] = [];
  const made = new EngineKeeper({
    launch: (hearer) => {
      const started = new FakeProcess(hearer);
      processes.push(started);
      return { post: (message) => started.told.push(message), kill: () => (started.isKilled = true) };
    },
    place: { dataDir: '/data', version: '1' },
    ...{ now: clock.now, setTimer: clock.setTimer },
    onTold: ({ kind }) => told.push(kind),
    onState: (state) => states.push(state),
    onSetAside: (files) => setAside.push(...files),
  });
  const last = () => processes.at(-1) ?? expect.fail('no process');
  return { keeper: made, clock, processes, states, setAside, told, last };
}

const ACCESS = { servers: ['http://s1'], key: 'k' };
const READ: EngineCall = { api: 'engine', method: 'readStatus', input: {} };
const CHANGE: EngineCall = { api: 'engine', method: 'addFolders', input: { roots: ['/a'] } };

describe('the keeper of the engine', () => {
  it('starts it, tells it where to open, and lets calls wait until it did', async () => {
    const { keeper: engine, states, last } = keeper();
    engine.start(ACCESS);
    expect(last().told).toEqual([{ kind: 'open', dataDir: '/data', version: '1', ...ACCESS }]);
    const answer = engine.call(READ);
    expect(last().calls).toEqual([]);
    last().open();
    expect(last().calls).toMatchObject([READ]);
    last().answer(0, 'fine');
    expect(await answer).toEqual({ isOk: true, output: 'fine' });
    expect(states).toEqual(['running']);
  });

  it('starts it again when it died: reads are asked again, other calls fail with a code', async () => {
    const { keeper: engine, clock, processes, states, last } = keeper();
    engine.start(ACCESS);
    last().open();
    const [read, change] = [engine.call(READ), engine.call(CHANGE)];
    last().hearer.onExit();
    const failed = await change;
    expect(failed).toMatchObject({ isOk: false, error: { code: 'INTERNAL' } });
    expect(failed.isOk ? '' : failed.error.message).toContain('addFolders');
    const later = engine.call(CHANGE);
    clock.pass(250);
    expect(processes.length).toBe(2);
    last().open();
    expect(last().calls.map(({ method }) => method)).toEqual(['readStatus', 'addFolders']);
    last().answer(0, 1);
    last().answer(1, 2);
    expect([await read, await later]).toEqual([
      { isOk: true, output: 1 },
      { isOk: true, output: 2 },
    ]);
    expect(states).toEqual(['running', 'restarting', 'running']);
  });

  it('asks a read that kills the engine no third time', async () => {
    const { keeper: engine, clock, last } = keeper();
    engine.start(ACCESS);
    last().open();
    const answer = engine.call(READ);
    last().hearer.onExit();
    clock.pass(250);
    last().open();
    last().hearer.onExit();
    expect(await answer).toMatchObject({ isOk: false, error: { code: 'INTERNAL' } });
  });

  it('waits longer each time, leaves it alone after five deaths in a minute, and tries anew when it is told', async () => {
    const { keeper: engine, clock, processes, states, last } = keeper();
    engine.start(ACCESS);
    const waiting = engine.call(READ);
    for (const waitMs of [250, 500, 1000, 2000]) {
      last().hearer.onExit();
      const before = processes.length;
      clock.pass(waitMs - 1);
      expect(processes.length).toBe(before);
      clock.pass(1);
      expect(processes.length).toBe(before + 1);
    }
    last().hearer.onExit();
    expect(await waiting).toMatchObject({ isOk: false, error: { code: 'INTERNAL' } });
    expect(await engine.call(READ)).toMatchObject({ isOk: false });
    clock.pass(600_000);
    expect([processes.length, engine.state]).toEqual([5, 'failed']);
    engine.use(ACCESS);
    expect([processes.length, engine.state]).toEqual([6, 'starting']);
    last().open();
    expect(states.slice(-3)).toEqual(['failed', 'starting', 'running']);
  });

  it('goes on for ever when deaths are rare', () => {
    const { keeper: engine, clock, processes, last } = keeper();
    engine.start(ACCESS);
    for (let times = 0; times < 20; times += 1) {
      last().open();
      clock.pass(30_000);
      last().hearer.onExit();
      clock.pass(10_000);
    }
    expect(processes.length).toBe(21);
  });

  it('gives up a call that no engine takes in half a minute', async () => {
    const { keeper: engine, clock } = keeper();
    engine.start(ACCESS);
    const answer = engine.call(READ);
    clock.pass(30_000);
    expect(await answer).toMatchObject({ isOk: false, error: { code: 'PEER_TIMEOUT' } });
  });

  it('refuses more calls than a page can mean', async () => {
    const { keeper: engine } = keeper();
    engine.start(ACCESS);
    const answers = Array.from({ length: 501 }, () => engine.call(READ));
    expect(await answers.at(-1)).toMatchObject({ isOk: false, error: { code: 'RATE_LIMITED' } });
  });

  it('says that the engine does not open, and leaves it to the process to say why', async () => {
    const { keeper: engine, states, last } = keeper();
    engine.start(ACCESS);
    last().say({ kind: 'openFailed', error: { code: 'PATH_BUSY', message: 'taken' } });
    expect(states).toEqual(['failed']);
    const answer = engine.call(READ);
    last().say({
      kind: 'answer',
      id: last().calls[0]?.id ?? -1,
      answer: { isOk: false, error: { code: 'PATH_BUSY', message: 'taken' } },
    });
    expect(await answer).toMatchObject({ error: { code: 'PATH_BUSY' } });
    engine.use({ servers: ['http://s2'], key: null });
    expect(last().told.at(-1)).toEqual({ kind: 'use', servers: ['http://s2'], key: null });
    last().open();
    expect(states).toEqual(['failed', 'starting', 'running']);
  });

  it('opens a process that died with the servers that were told last', () => {
    const { keeper: engine, clock, last } = keeper();
    engine.start(ACCESS);
    last().open();
    engine.use({ servers: ['http://s2'], key: 'other' });
    last().hearer.onExit();
    clock.pass(250);
    expect(last().told[0]).toMatchObject({ kind: 'open', servers: ['http://s2'], key: 'other' });
  });

  it('hands on what the engine tells, and which files it set aside', () => {
    const { keeper: engine, told, setAside, last } = keeper();
    engine.start(ACCESS);
    last().say({ kind: 'opened', setAside: ['/data/queue.damaged'] });
    last().say({ kind: 'queueChanged' });
    last().say({ kind: 'liveState', state: 'live' });
    expect([told, setAside]).toEqual([['queueChanged', 'liveState'], ['/data/queue.damaged']]);
  });

  it('waits for the engine to close, and ends one that does not', async () => {
    const { keeper: engine, clock, processes, last } = keeper();
    engine.start(ACCESS);
    last().open();
    const call = engine.call(CHANGE);
    let isClosed = false;
    const closed = engine.close().then(() => (isClosed = true));
    expect(last().told.at(-1)).toEqual({ kind: 'close' });
    clock.pass(7999);
    await Promise.resolve();
    expect([last().isKilled, isClosed]).toEqual([false, false]);
    clock.pass(1);
    expect(last().isKilled).toBe(true);
    last().hearer.onExit();
    await closed;
    expect(await call).toMatchObject({ isOk: false, error: { code: 'SHUTTING_DOWN' } });
    expect(await engine.call(READ)).toMatchObject({ isOk: false, error: { code: 'SHUTTING_DOWN' } });
    clock.pass(600_000);
    expect(processes.length).toBe(1);
  });
});
