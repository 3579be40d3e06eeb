import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeLease } from '@imagefleet/shared/common/status-file/lease.ts';
import { snapshotOf } from '@imagefleet/shared/testing/status-builders.ts';
import { StatusFolder } from './testing/status-folder.ts';

let folder: StatusFolder;
beforeEach(async () => {
  folder = await StatusFolder.make();
});

describe('a lease', () => {
  it('has a new counter every period, also while nothing changes, and before anything was decided', async () => {
    const files = await folder.monitor('web.xml');
    expect(await folder.lease('web.xml')).toEqual({ generation: 0, counter: 1, periodMs: 2000 });
    files.apply(snapshotOf([['a:1']], 5));
    await files.tried();
    const before = await folder.touched('web.xml');
    for (const counter of [2, 3, 4]) {
      await folder.pass(2000);
      expect(await folder.lease('web.xml')).toEqual({ generation: 5, counter, periodMs: 2000 });
    }
    expect(await folder.touched('web.xml')).toBe(before);
  });

  it('has the generation that is on the disk, not one that could not get there', async () => {
    const files = await folder.monitor('web.xml');
    files.apply(snapshotOf([['a:1']], 5));
    await files.tried();
    await rm(folder.path('web.xml'));
    await mkdir(folder.path('web.xml'));
    files.apply(snapshotOf([['a:1', 'down']], 6));
    await files.tried();
    await folder.pass(2000);
    expect((await folder.lease('web.xml'))?.generation).toBe(5);
  });

  it.skipIf(process.platform === 'win32')('stays readable for whom it was made so', async () => {
    await folder.monitor('web.xml');
    await chmod(folder.path('web.xml.lease'), 0o604);
    await folder.pass(2000);
    expect((await folder.lease('web.xml'))?.counter).toBe(2);
    expect((await stat(folder.path('web.xml.lease'))).mode & 0o777).toBe(0o604);
  });

  it('counts on from the monitor before, and ends with its own', async () => {
    await writeFile(folder.path('web.xml.lease'), encodeLease({ generation: 3, counter: 70, periodMs: 9 }));
    const files = await folder.monitor('web.xml');
    expect((await folder.lease('web.xml'))?.counter).toBe(71);
    await files.stop();
    await folder.pass(20_000);
    expect((await folder.lease('web.xml'))?.counter).toBe(71);
  });

  it('that cannot be written is told once, heals, and holds no status file up', async () => {
    await mkdir(folder.path('web.xml.lease'));
    const files = await folder.monitor('web.xml');
    files.apply(snapshotOf([['a:1']], 5));
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('5 +');
    await folder.pass(2000);
    await folder.pass(2000);
    expect(files.problems()).toMatchObject([{ path: folder.path('web.xml.lease'), code: 'STATUS_UNWRITABLE' }]);
    expect(folder.logged.filter((line) => line.includes('notWritten'))).toEqual([
      'error statusFile.notWritten web.xml.lease',
    ]);
    await rm(folder.path('web.xml.lease'), { recursive: true });
    await folder.pass(2000);
    expect(files.problems()).toEqual([]);
  });

  it('whose disk hangs waits for it, without a second one behind it', async () => {
    const files = await folder.monitor('web.xml');
    const release = folder.disk.hang('replaceLightly', 'web.xml.lease');
    for (let period = 0; period < 5; period += 1) await folder.pass(2000);
    files.apply(snapshotOf([['a:1']], 5));
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('5 +');
    folder.disk.heal();
    release();
    await folder.disk.calm();
    expect((await folder.lease('web.xml'))?.counter).toBe(2);
  });
});
