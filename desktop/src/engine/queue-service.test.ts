import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAX_PASSED_EXAMPLES, type EngineLimits } from '#bridge/engine-api.ts';
import { QueueService } from './queue-service.ts';
import { EngineSettingsFile } from './engine-settings.ts';
import { FirstHealthyTarget } from './target/first-healthy-target.ts';
import { FakeFleet } from './testing/fake-fleet.ts';
import { foundFiles, queueOnDisk } from './testing/queue-builders.ts';
import { tempFolder } from './testing/temp-folder.ts';
import { Paces } from './upload/pace.ts';
import { ProgressMeter } from './upload/progress-meter.ts';
import { ServerLimits } from './upload/request-plan.ts';
import { UploadEngine } from './upload-engine.ts';

async function start(files = 0) {
  const { queue, close } = queueOnDisk();
  const fleet = new FakeFleet();
  const now = (): number => Date.now();
  const target = new FirstHealthyTarget({ servers: ['http://s1'], machineKey: 'this', now, random: () => 0 });
  const engine = new UploadEngine({
    ...{ store: queue, now, hash: fleet.hash, lookup: fleet.lookup, sender: fleet.sender, uuid: randomUUID, target },
    ...{ paces: new Paces({ now }), limits: new ServerLimits(), random: () => 0 },
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => engine.pause());
  const settings = await EngineSettingsFile.open(join(tempFolder(), 'engine.json'));
  const limited: EngineLimits[] = [];
  const ending = new AbortController();
  const service = new QueueService({
    ...{
      engine,
      queue,
      settings,
      meter: new ProgressMeter(null),
      targets: () => target.view(),
      retryTargets: () => target.retryNow(),
      signal: ending.signal,
      now,
    },
    limit: (limits) => limited.push(limits),
  });
  queue.add(foundFiles(files));
  return { service, engine, queue, close, fleet, settings, limited, ending };
}

describe('the engine as it is driven from outside', () => {
  it('adds folders, tells what it passed over, and adds nothing twice', async () => {
    const { service } = await start();
    const folder = tempFolder();
    mkdirSync(join(folder, 'drafts'));
    for (const name of ['a.png', 'b.jpg', 'drafts/c.png']) writeFileSync(join(folder, name), name);
    for (let number = 0; number < 30; number += 1) writeFileSync(join(folder, `${String(number)}.txt`), '');
    const added = await service.addFolders({ roots: [folder, join(folder, 'nowhere')], exclude: ['drafts'] });
    expect(added).toMatchObject({ added: 2, addedBytes: 10, known: 0 });
    expect(added.passedOver).toEqual({ notImage: 30, excluded: 1, vanished: 1 });
    expect(added.examples).toHaveLength(MAX_PASSED_EXAMPLES);
    expect(await service.addFolders({ roots: [folder] })).toMatchObject({ added: 1, known: 2 });
    await expect(service.addFolders({ roots: [folder], include: ['*'.repeat(300)] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('stops adding when it ends, or when whoever asked has gone', async () => {
    const { service, close, ending } = await start();
    const folder = tempFolder();
    for (let number = 0; number < 600; number += 1) writeFileSync(join(folder, `${String(number)}.png`), 'x');
    const gone = AbortSignal.abort(new Error('the window was closed'));
    await expect(service.addFolders({ roots: [folder] }, gone)).rejects.toThrow('the window was closed');
    const adding = service.addFolders({ roots: [folder] });
    ending.abort(new Error('the end'));
    await expect(adding).rejects.toThrow('the end');
    close();
  });

  it('pauses, resumes, cancels and retries single files, or all of them', async () => {
    const { service, engine, settings, fleet } = await start(5);
    const counts = async (): Promise<Record<string, number>> => {
      const status = await service.readStatus({});
      return Object.fromEntries(
        Object.entries(status.counts).flatMap(([state, { files }]) => (files === 0 ? [] : [[state, files]])),
      );
    };
    await service.pause({ keys: [1, 2] });
    await service.cancel({ keys: [2, 3] });
    expect(await counts()).toEqual({ queued: 2, paused: 1, cancelled: 2 });
    expect((await service.pause({})).isPaused).toBe(true);
    expect(settings.settings.isPaused).toBe(true);
    await service.retry({ keys: [3] });
    expect((await service.resume({})).isPaused).toBe(false);
    await engine.whenIdle();
    expect(await counts()).toEqual({ done: 4, cancelled: 1 });
    fleet.noImages.add('/photos/album/2.png');
    await service.retry({ keys: [2] });
    await engine.whenIdle();
    expect(await counts()).toEqual({ done: 4, failed: 1 });
    expect((await service.listItems({ state: 'failed', limit: 5 })).items).toMatchObject([
      { key: 2, path: 'album/2.png', failure: { code: 'NOT_AN_IMAGE' }, sentBytes: 0 },
    ]);
    fleet.noImages.clear();
    await service.retry({});
    await engine.whenIdle();
    expect(await counts()).toEqual({ done: 5 });
    expect(await service.clearHistory({})).toEqual({ removed: 5 });
    await service.cancel({});
    expect(await counts()).toEqual({});
  });

  it('sends anyway what the fleet has already', async () => {
    const { service, engine, fleet, queue } = await start(2);
    fleet.contents.set('/photos/album/1.png', 'same').set('/photos/album/2.png', 'same');
    engine.start({ isPaused: false });
    await engine.whenIdle();
    expect(fleet.stored.size).toBe(1);
    await service.sendAnyway({ keys: [1, 2] });
    await engine.whenIdle();
    expect(fleet.stored.size).toBe(2);
    expect(queue.counts().done.files).toBe(2);
  });

  it('takes limits into use at once, keeps them, and leaves what is not named', async () => {
    const { service, settings, limited } = await start();
    await service.setLimits({ bytesPerSecond: 1000 });
    const { limits } = await service.setLimits({ requests: 3 });
    expect(limits).toEqual({ bytesPerSecond: 1000, requests: 3 });
    expect([limited.at(-1), settings.settings.limits]).toEqual([limits, limits]);
  });

  it('pages through the queue', async () => {
    const { service } = await start(5);
    const first = await service.listItems({ limit: 3 });
    const second = await service.listItems({ limit: 3, after: first.next ?? 0 });
    expect([first.items, second.items].map((items) => items.map(({ key }) => key))).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect([first.next, second.next]).toEqual([3, null]);
  });

  it('says where files go, and what is in the way', async () => {
    const { service, engine, fleet } = await start(1);
    fleet.dead.add('http://s1');
    engine.start({ isPaused: false });
    await expect.poll(async () => (await service.readStatus({})).holding?.code).toBe('PEER_UNREACHABLE');
    expect((await service.readStatus({})).targets).toMatchObject([
      { server: 'http://s1', isFit: false, heard: null, problem: { code: 'PEER_UNREACHABLE' } },
    ]);
  });
});
