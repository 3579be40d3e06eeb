import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { EngineState } from './engine-keeper.ts';
import { ImageServer } from './image-server.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { aFleet, aStatus } from './testing/reports.ts';
import { TrayKeeper } from './tray-keeper.ts';
import type { TrayView } from './tray-view.ts';
import type { EngineCall } from './waiting-calls.ts';

function keeper() {
  const clock = new ManualClock();
  const shown: TrayView[] = [];
  const world = { fleet: aFleet({ s1: 'up' }), state: 'starting' as EngineState, asked: 0 };
  const ask = ({ method }: EngineCall) => {
    world.asked += 1;
    return Promise.resolve({ isOk: true as const, output: method === 'readFleet' ? world.fleet : aStatus() });
  };
  const made = new TrayKeeper({
    ...{ ask, setTimer: clock.setTimer, language: () => 'en' },
    engineState: () => world.state,
    show: (view) => shown.push(view),
  });
  const pass = async (ms: number) => {
    clock.pass(ms);
    await nextTurn();
  };
  return { keeper: made, shown, world, pass };
}

describe('the keeper of the tray', () => {
  it('shows what is known, asks only an engine that runs, and shows again what has changed', async () => {
    const { keeper: tray, shown, world, pass } = keeper();
    tray.start();
    expect(shown.map(({ icon }) => icon)).toEqual(['unknown']);
    await pass(0);
    expect(world.asked).toBe(0);
    world.state = 'running';
    await pass(2000);
    expect(shown.map(({ icon }) => icon)).toEqual(['unknown', 'ok']);
    await pass(2000);
    expect(shown.length).toBe(2);
    world.fleet = aFleet({ s1: 'down' });
    tray.changed();
    await pass(200);
    expect(shown.at(-1)?.icon).toBe('down');
    expect(tray.fleet).toEqual(world.fleet);
  });

  it('asks nothing after it was stopped', async () => {
    const { keeper: tray, world, pass } = keeper();
    world.state = 'running';
    tray.start();
    await pass(0);
    const before = world.asked;
    tray.stop();
    tray.changed();
    await pass(60_000);
    expect(world.asked).toBe(before);
  });
});

describe('the server of images', () => {
  it('is the one that is followed, else one that is up, and is asked for now and then', async () => {
    let now = 0;
    let fleet = { ...aFleet({ s1: 'down', s2: 'up' }), followed: 'http://s3:7401' as string | null };
    let asked = 0;
    const ask = () => {
      asked += 1;
      return Promise.resolve({ isOk: true as const, output: fleet });
    };
    const images = new ImageServer({ ask, now: () => now });
    expect([await images.find(), await images.find()]).toEqual(['http://s3:7401', 'http://s3:7401']);
    expect(asked).toBe(1);
    fleet = { ...fleet, followed: null };
    now = 2000;
    expect(await images.find()).toBe('http://s2:7401');
    fleet = { ...aFleet({ s1: 'down' }), followed: null };
    now = 4000;
    expect(await images.find()).toBe(null);
  });

  it('is none while the engine says nothing', async () => {
    const ask = () => Promise.resolve({ isOk: false as const, error: { code: 'INTERNAL', message: 'no' } });
    expect(await new ImageServer({ ask, now: () => 0 }).find()).toBe(null);
  });
});
