import { chmod, chown, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FleetSnapshot } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { snapshotOf } from '@imagefleet/shared/testing/status-builders.ts';
import { StatusFiles } from './status-files.ts';
import { StatusFolder } from './testing/status-folder.ts';
import { systemError } from './testing/watched-disk.ts';

let folder: StatusFolder;
beforeEach(async () => {
  folder = await StatusFolder.make();
});

/** Generations turn the one server on and off, so that each of them is written. */
const turned = (generation: number): FleetSnapshot =>
  snapshotOf([['a:1', generation % 2 === 0 ? 'down' : 'up']], generation);

const problemLines = () => folder.logged.filter((line) => / statusFile\.(notWritten|healed) /.test(line));

describe('one path of three that cannot be written', () => {
  it('delays none of the others, is told once, and heals by itself', async () => {
    const files = await folder.monitor('web.xml', 'no/web.json', 'web.conf');
    for (const generation of [1, 2, 3]) {
      files.apply(turned(generation));
      await files.tried();
      expect(await folder.summary('web.xml')).toBe(`${String(generation)} ${generation % 2 === 0 ? '-' : '+'}`);
      expect((await folder.summary('web.conf')).startsWith(String(generation))).toBe(true);
    }
    expect(files.problems().find(({ path }) => path === folder.path('no/web.json'))).toEqual({
      path: folder.path('no/web.json'),
      code: 'STATUS_UNWRITABLE',
      message: expect.stringContaining('its folder is missing (ENOENT)') as string,
      since: 1_000_000,
    });
    await folder.pass(60_000);
    expect(problemLines()).toEqual([
      'error statusFile.notWritten no/web.json.lease',
      'error statusFile.notWritten no/web.json',
    ]);

    await mkdir(folder.path('no'));
    await folder.pass(60_000);
    expect(await folder.summary('no/web.json')).toBe('3 +');
    expect(files.problems()).toEqual([]);
    expect(problemLines().slice(2).toSorted()).toEqual([
      'info statusFile.healed no/web.json',
      'info statusFile.healed no/web.json.lease',
    ]);
  });

  it('is tried again after one second, then two, up to once a minute', async () => {
    const files = await folder.monitor('no/web.xml');
    files.apply(turned(1));
    await folder.disk.calm();
    expect(folder.disk.replaced.length).toBe(1);
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const before = folder.disk.replaced.length;
      await folder.pass(seconds * 1000 - 1);
      expect(folder.disk.replaced.length).toBe(before);
      await folder.pass(1);
      expect(folder.disk.replaced.length).toBe(before + 1);
    }
  });

  it('is tried at once with a new decision, which needs not wait for the next turn', async () => {
    const files = await folder.monitor('no/web.xml');
    files.apply(turned(1));
    await folder.pass(50_000);
    await mkdir(folder.path('no'));
    files.apply(turned(2));
    await files.tried();
    expect(await folder.summary('no/web.xml')).toBe('2 -');
  });

  it.each([
    ['ENOSPC', 'DISK_FULL', 'full'],
    ['EROFS', 'STATUS_UNWRITABLE', 'read-only'],
    ['EACCES', 'STATUS_UNWRITABLE', 'may not write'],
    ['EBUSY', 'STATUS_UNWRITABLE', 'another program'],
    ['EXDEV', 'STATUS_UNWRITABLE', 'EXDEV'],
  ])('says for %s what it is', async (errno, code, sentence) => {
    folder.disk.fault('replace', 'web.xml', () => Promise.reject(systemError(errno)));
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    expect(files.problems()).toMatchObject([{ code, message: expect.stringContaining(sentence) as string }]);
  });

  it('is told again when its cause is another one', async () => {
    folder.disk.fault('replace', 'web.xml', () => Promise.reject(systemError('EROFS')));
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await folder.pass(3000);
    folder.disk.fault('replace', 'web.xml', () => Promise.reject(systemError('ENOSPC')));
    await folder.pass(60_000);
    expect(problemLines()).toEqual(['error statusFile.notWritten web.xml', 'error statusFile.notWritten web.xml']);
    expect(files.problems()).toMatchObject([{ code: 'DISK_FULL' }]);
  });

  it('may be one that a folder has taken', async () => {
    await mkdir(folder.path('web.xml/inside'), { recursive: true });
    const files = await folder.monitor('web.xml', 'web.json');
    files.apply(turned(1));
    await files.tried();
    expect(files.problems()).toMatchObject([{ code: 'STATUS_UNWRITABLE', path: folder.path('web.xml') }]);
    expect(await folder.summary('web.json')).toBe('1 +');
    await rm(folder.path('web.xml'), { recursive: true });
    await folder.pass(1000);
    expect(await folder.summary('web.xml')).toBe('1 +');
  });
});

describe('a disk that hangs', () => {
  it('holds up its own file only, which then gets the newest decision and none in between', async () => {
    const files = await folder.monitor('web.xml', 'web.json');
    const release = folder.disk.hang('replace', 'web.xml');
    for (const generation of [1, 2, 3, 4]) {
      files.apply(turned(generation));
      await folder.disk.calm();
      expect((await folder.summary('web.json')).startsWith(String(generation))).toBe(true);
    }
    folder.disk.heal();
    release();
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('4 -');
    expect(folder.disk.replaced.filter((name) => name === 'web.xml').length).toBe(2);
  });

  it('is told of after a while, and when it answers again', async () => {
    const files = await folder.monitor('web.xml', 'web.json');
    const release = folder.disk.hang('replace', 'web.xml');
    files.apply(turned(1));
    await folder.pass(8000);
    expect(files.problems()).toEqual([]);
    for (let period = 0; period < 5; period += 1) await folder.pass(2000);
    expect(files.problems()).toMatchObject([
      { code: 'STATUS_UNWRITABLE', message: expect.stringContaining('web.xml cannot be written: its disk') as string },
    ]);
    folder.disk.heal();
    release();
    await files.tried();
    expect(files.problems()).toEqual([]);
    expect(problemLines()).toEqual(['error statusFile.notWritten web.xml', 'info statusFile.healed web.xml']);
  });

  it('keeps a monitor neither from starting nor from ending', async () => {
    const release = folder.disk.hang('sweep', 'web.xml');
    const files = folder.unstarted('web.xml', 'web.json');
    const started = files.start();
    await folder.disk.calm();
    await folder.pass(2000);
    await started;
    files.apply(turned(1));
    await folder.disk.calm();
    expect(await folder.summary('web.json')).toBe('1 +');
    const stopped = files.stop();
    await folder.pass(2000);
    await stopped;
    release();
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('1 +');
  });
});

describe('a decision', () => {
  it('is on its way to the disk before the event loop does anything else: nothing is put off', async () => {
    const events: string[] = [];
    const note = (event: string) => {
      events.push(event);
      return Promise.resolve(undefined);
    };
    const disk = {
      read: () => note('read'),
      replace: () => note('replace').then(() => undefined),
      replaceLightly: () => Promise.resolve(),
      mark: () => Promise.resolve(''),
      sweep: () => Promise.resolve(),
    };
    const files = [{ path: '/a.xml', format: 'aspnet' as const }];
    const status = new StatusFiles({ files, logger: silentLogger, now: () => 0, disk });
    await status.start();
    events.length = 0;
    vi.useRealTimers();
    const nextTurn = new Promise((resolve) => setImmediate(resolve)).then(() => events.push('next turn'));
    events.push('decided');
    status.apply(turned(1));
    await nextTurn;
    expect(events).toEqual(['decided', 'read', 'replace', 'next turn']);
    await status.stop();
  });

  it('that waits is still written when the monitor stops', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    files.apply(turned(2));
    await files.stop();
    expect(await folder.summary('web.xml')).toBe('2 -');
  });

  it('is written once more when the last step of writing it failed, for it may not be durable', async () => {
    const files = await folder.monitor('web.xml');
    let failures = 1;
    const replace = folder.disk.replace.bind(folder.disk);
    folder.disk.replace = async (path, text) => {
      await replace(path, text);
      if (failures-- > 0) throw systemError('EIO');
    };
    files.apply(turned(1));
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('1 +');
    expect(files.problems()).toMatchObject([{ code: 'STATUS_UNWRITABLE' }]);
    await folder.pass(1000);
    expect(folder.disk.replaced).toEqual(['web.xml', 'web.xml']);
    expect(files.problems()).toEqual([]);
  });
});

describe('a file that somebody else', () => {
  it('removed or replaced is put right with the next lease', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    await rm(folder.path('web.xml'));
    await folder.pass(2000);
    expect(await folder.summary('web.xml')).toBe('1 +');
    await writeFile(folder.path('web.xml'), '<SessionStateServers><Servers/></SessionStateServers>');
    await folder.pass(2000);
    expect(await folder.summary('web.xml')).toBe('1 +');
    expect(folder.logged.filter((line) => line === 'warn statusFile.changedByOthers web.xml').length).toBe(2);
  });

  it('writes as well, another monitor, is not quarrelled with while both say the same', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    const other = await folder.monitor('web.xml');
    other.apply(turned(2));
    other.apply(turned(7));
    await other.tried();
    const touched = await folder.touched('web.xml');
    await folder.pass(10_000);
    expect(await folder.touched('web.xml')).toBe(touched);
    expect(await folder.summary('web.xml')).toBe('7 +');
    expect(problemLines()).toEqual([]);
  });

  it('put an older copy in the place of is put right, though it says the same', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    const older = await folder.text('web.xml');
    files.apply(turned(2));
    files.apply(turned(3));
    await files.tried();
    await writeFile(folder.path('web.xml'), older);
    await folder.pass(2000);
    expect(await folder.summary('web.xml')).toBe('3 +');
  });

  it('only touched is left as it is', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    await utimes(folder.path('web.xml'), 1, 1);
    await folder.pass(4000);
    expect((await stat(folder.path('web.xml'))).mtimeMs).toBe(1000);
  });

  it.skipIf(process.platform === 'win32')('gave to certain readers stays theirs', async () => {
    await writeFile(folder.path('web.xml'), 'nothing yet', { mode: 0o600 });
    await chmod(folder.path('web.xml'), 0o666);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(folder.path('web.xml'), 12_345, 54_321);
    const before = await stat(folder.path('web.xml'));
    const files = await folder.monitor('web.xml');
    files.apply(turned(1));
    await files.tried();
    const after = await stat(folder.path('web.xml'));
    expect(await folder.summary('web.xml')).toBe('1 +');
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(after.ino).not.toBe(before.ino);
  });
});
