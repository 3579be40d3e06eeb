import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { tempFolder } from '#store/testing/temp-folder.ts';
import { ConsoleSessions, SESSION_LIFETIME_MS } from './console-sessions.ts';
import { sessionFile, type SessionStore } from './session-file.ts';

describe('sessions of the console', () => {
  let file: string;
  let now: number;
  let known: ReadonlySet<string>;
  const logged: string[] = [];

  beforeEach(async () => {
    file = join(await tempFolder(), 'sessions.json');
    now = Date.UTC(2026, 2, 9);
    known = new Set(['k1', 'k2']);
    logged.length = 0;
  });

  const started = async (store: SessionStore = sessionFile(file)): Promise<ConsoleSessions> => {
    const log = (event: string): void => void logged.push(event);
    const sessions = new ConsoleSessions({
      store,
      now: () => now,
      logger: { ...silentLogger, warn: log, error: log },
    });
    await sessions.start((fingerprint) => known.has(fingerprint));
    return sessions;
  };

  it('are there after a restart, under the same id and of the same key', async () => {
    const { id, expiresAt } = await (await started()).begin('k1');
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toBe(now + SESSION_LIFETIME_MS);
    expect((await started()).find(id)).toMatchObject({ keyFingerprint: 'k1', expiresAt });
    expect(logged).toEqual([]);
  });

  it('are kept for the owner alone, without what would log in', async () => {
    const { id } = await (await started()).begin('k1');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(id);
    expect(JSON.parse(text)).toMatchObject({ version: 1, sessions: [{ expiresAt: '2026-04-08T00:00:00.000Z' }] });
  });

  it('end at once, also for the next start', async () => {
    const sessions = await started();
    const { id } = await sessions.begin('k1');
    await sessions.end(id);
    await sessions.end(id);
    expect(sessions.find(id)).toBeUndefined();
    expect((await started()).find(id)).toBeUndefined();
  });

  it('end after their time, and are swept', async () => {
    const sessions = await started();
    const { id, expiresAt } = await sessions.begin('k1');
    now = expiresAt - 1;
    expect(sessions.find(id)).toBeDefined();
    now = expiresAt;
    expect(sessions.find(id)).toBeUndefined();
    await sessions.begin('k2');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ sessions: [{ keyFingerprint: 'k2' }] });
  });

  it('die with their key, also when it comes back later', async () => {
    const first = await started();
    const [one, two] = [await first.begin('k1'), await first.begin('k2')];
    known = new Set(['k2']);
    const second = await started();
    expect([second.find(one.id), second.find(two.id)?.keyFingerprint]).toEqual([undefined, 'k2']);
    known = new Set(['k1', 'k2']);
    expect((await started()).find(one.id)).toBeUndefined();
  });

  it('push out the oldest of their own key, never those of another', async () => {
    const sessions = await started();
    const other = await sessions.begin('k2');
    const ids: string[] = [];
    for (let count = 0; count < 51; count += 1) ids.push((await sessions.begin('k1')).id);
    expect(ids.map((id) => sessions.find(id) !== undefined)).toEqual([false, ...Array<boolean>(50).fill(true)]);
    expect(sessions.find(other.id)).toBeDefined();
  });

  it('are all written when many begin at the same time', async () => {
    const sessions = await started();
    const begun = await Promise.all(Array.from({ length: 10 }, () => sessions.begin('k1')));
    await sessions.stop();
    const again = await started();
    expect(begun.every(({ id }) => again.find(id) !== undefined)).toBe(true);
  });

  it.each(['not JSON', '{"version":2,"sessions":[]}', '{"version":1,"sessions":[{"idHash":"x"}]}', ''])(
    'begin empty when what was kept is damaged, and leave it for a person to look at: %s',
    async (text) => {
      await writeFile(file, text);
      const sessions = await started();
      expect(logged).toEqual(['sessions.unreadable']);
      expect(await readFile(`${file}.damaged`, 'utf8')).toBe(text);
      const { id } = await sessions.begin('k1');
      expect((await started()).find(id)).toBeDefined();
    },
  );

  it('begin empty when a folder is in the way of the file', async () => {
    await mkdir(file);
    await started();
    expect(logged).toEqual(['sessions.unreadable']);
    expect(await readdir(dirname(file))).toEqual(['sessions.json.damaged']);
  });

  it('begin on a disk that takes nothing, and last until the restart', async () => {
    const sessions = await started();
    await rm(dirname(file), { recursive: true });
    const { id } = await sessions.begin('k1');
    expect(sessions.find(id)).toBeDefined();
    expect(logged).toEqual(['sessions.notWritten']);
  });

  describe('on a disk that is full', () => {
    /** Writes fail while it is full; nothing changes at all while it is read-only. */
    const disk = { isFull: false, isReadOnly: false };
    const store = (): SessionStore => {
      const real = sessionFile(file);
      const broken = (): Promise<void> => Promise.reject(new Error('no space left'));
      return {
        ...real,
        save: (sessions) => (disk.isFull ? broken() : real.save(sessions)),
        remove: () => (disk.isReadOnly ? broken() : real.remove()),
      };
    };
    beforeEach(() => Object.assign(disk, { isFull: false, isReadOnly: false }));

    it('end for good all the same; the others are kept again once there is room', async () => {
      const sessions = await started(store());
      const [one, two] = [await sessions.begin('k1'), await sessions.begin('k1')];
      disk.isFull = true;
      expect(await sessions.end(one.id)).toBe(true);
      expect([sessions.find(one.id), sessions.find(two.id)?.keyFingerprint]).toEqual([undefined, 'k1']);
      expect(await readdir(dirname(file))).toEqual([]);
      disk.isFull = false;
      await sessions.stop();
      const again = await started();
      expect([again.find(one.id), again.find(two.id)?.keyFingerprint]).toEqual([undefined, 'k1']);
    });

    it('say so when they would come back, until it could be written', async () => {
      const sessions = await started(store());
      const [one, two] = [await sessions.begin('k1'), await sessions.begin('k1')];
      Object.assign(disk, { isFull: true, isReadOnly: true });
      expect([await sessions.end(one.id), await sessions.end(one.id)]).toEqual([false, false]);
      expect([sessions.find(one.id), (await started()).find(one.id)?.keyFingerprint]).toEqual([undefined, 'k1']);
      expect(logged).toContain('sessions.notForgotten');
      disk.isFull = false;
      expect(await sessions.end(one.id)).toBe(true);
      const again = await started();
      expect([again.find(one.id), again.find(two.id)?.keyFingerprint]).toEqual([undefined, 'k1']);
    });

    it('are gone from what is kept with the next login that can be written', async () => {
      const sessions = await started(store());
      const { id } = await sessions.begin('k1');
      Object.assign(disk, { isFull: true, isReadOnly: true });
      expect(await sessions.end(id)).toBe(false);
      disk.isFull = false;
      await sessions.begin('k2');
      expect(await sessions.end(id)).toBe(true);
      expect((await started()).find(id)).toBeUndefined();
    });
  });
});
