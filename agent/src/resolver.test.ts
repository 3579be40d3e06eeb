import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStatusFile, type Fleet, type FleetOptions } from 'imagefleet/resolver';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { resolveLegacy } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { resolvableServers } from '@imagefleet/shared/testing/resolvable-servers.ts';

const KEYS = ['hes15avqrw1pcft4wx4uywwz', 'ewj2o0xjshixsj4krderjpsm', 'abcdefghijklmnopqrstuvwx'];

describe('imagefleet/resolver', () => {
  let dir: string;
  let file: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-resolver-'));
    file = join(dir, 'status.json');
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function write(online: readonly boolean[], generation = 1) {
    const servers = resolvableServers(online.length, (index) => ({ online: online[index] === true }));
    await writeFile(`${file}.tmp`, JSON.stringify({ generation, servers }));
    await rename(`${file}.tmp`, file);
    return servers;
  }

  async function open(options: FleetOptions = {}): Promise<Fleet> {
    const fleet = await openStatusFile(file, { pollMs: 20, ...options });
    onTestFinished(() => fleet.close());
    return fleet;
  }

  function change(fleet: Fleet): Promise<void> {
    return new Promise((resolve) => {
      const end = fleet.onChange(() => {
        end();
        resolve();
      });
    });
  }

  it('answers the candidates of a key from the file', async () => {
    const servers = await write([true, false, true, true]);
    const fleet = await open();
    const resolver = createResolver(servers);
    for (const key of KEYS) expect(fleet.resolve(key)).toEqual(resolver.resolve(key));
    expect(fleet.current()).toMatchObject({ generation: 1, problem: null });
  });

  it('answers as the old PartitionResolver in legacy mode', async () => {
    const servers = await write([true, false, true, true]);
    const fleet = await open({ mode: 'legacy' });
    for (const key of KEYS) expect(fleet.resolve(key)[0]).toEqual(resolveLegacy(key, servers));
    expect(fleet.resolve('no session id')).toEqual([]);
  });

  it('takes up a changed file, and keeps the last good one while it is broken', async () => {
    await write([true, false]);
    const fleet = await open();
    expect(fleet.resolve('key').map(({ host }) => host)).toEqual(['state1']);
    const changed = change(fleet);
    await write([false, true], 2);
    await changed;
    expect(fleet.resolve('key').map(({ host }) => host)).toEqual(['state2']);
    const broken = change(fleet);
    await writeFile(file, '{ "generation": 3, "serv');
    await broken;
    expect(fleet.resolve('key').map(({ host }) => host)).toEqual(['state2']);
    expect(fleet.current()).toMatchObject({ generation: 2, problem: { code: 'STATUS_FILE_INVALID' } });
  });

  it('begins with nobody where there is no file yet, and sees it come', async () => {
    const fleet = await open();
    expect(fleet.resolve('key')).toEqual([]);
    expect(fleet.current().problem?.code).toBe('STATUS_UNREADABLE');
    const changed = change(fleet);
    await write([true]);
    await changed;
    expect(fleet.resolve('key').length).toBe(1);
  });
});
