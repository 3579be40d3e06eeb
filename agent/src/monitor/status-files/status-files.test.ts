import { readdir, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '@imagefleet/shared/testing/status-builders.ts';
import { StatusFolder } from './testing/status-folder.ts';

const ALL = ['web.xml', 'web.json', 'web.conf'] as const;
const OLD = `<?xml version="1.0"?>
<SessionStateServers><Servers><add Host="b" Port="1" Online="True" /><add Host="a" Port="1" Online="False" /></Servers></SessionStateServers>`;

let folder: StatusFolder;
beforeEach(async () => {
  folder = await StatusFolder.make();
});

const summaries = (names: readonly string[] = ALL) => Promise.all(names.map((name) => folder.summary(name)));
const touched = () => Promise.all(ALL.map((name) => folder.touched(name)));

describe('status files', () => {
  it('are written with the first snapshot and not before, all with its generation', async () => {
    const files = await folder.monitor(...ALL);
    expect(await readdir(folder.dir)).toEqual(ALL.map((name) => `${name}.lease`).toSorted());
    files.apply(snapshotOf([['a:1'], ['b:1', 'down'], ['c:1', 'warming']], 1));
    await files.tried();
    expect(await summaries()).toEqual(['1 +--', '1 +--', '1 +--']);
    expect(files.problems()).toEqual([]);
  });

  it('are not touched while availability stays as it is, whatever else happens', async () => {
    const files = await folder.monitor(...ALL);
    files.apply(snapshotOf([['a:1'], ['b:1', 'down']], 1));
    await files.tried();
    const before = await touched();
    for (const [index, states] of (['down', 'warming', 'unknown', 'maintenance', 'down'] as const).entries()) {
      files.apply(
        snapshotOf(
          [
            ['a:1', index % 2 === 0 ? 'up' : 'unknown'],
            ['b:1', states],
          ],
          2 + index,
        ),
      );
      await folder.pass(60_000);
    }
    expect(await touched()).toEqual(before);
    files.apply(snapshotOf([['a:1'], ['b:1']], 9));
    await files.tried();
    expect(await summaries()).toEqual(['9 ++', '9 ++', '9 ++']);
    for (const [index, mark] of (await touched()).entries()) expect(mark).not.toBe(before[index]);
  });

  it('keep what they say of a server without a verdict; one that was never seen is offline', async () => {
    await writeFile(folder.path('web.xml'), OLD);
    const files = await folder.monitor('web.xml');
    files.apply(
      snapshotOf(
        [
          ['a:1', 'unknown'],
          ['b:1', 'unknown'],
          ['c:1', 'unknown'],
        ],
        1,
      ),
    );
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('1 -+-');
    files.apply(
      snapshotOf(
        [
          ['a:1', 'unknown'],
          ['b:1', 'down'],
          ['c:1', 'unknown'],
        ],
        2,
      ),
    );
    files.apply(
      snapshotOf(
        [
          ['a:1', 'up'],
          ['b:1', 'unknown'],
          ['c:1', 'unknown'],
        ],
        3,
      ),
    );
    await files.tried();
    expect(await folder.summary('web.xml')).toBe('3 +--');
  });

  it('that contradict each other each keep their own word, and a new one takes that of the newest', async () => {
    const first = await folder.monitor('web.xml');
    first.apply(snapshotOf([['a:1'], ['b:1', 'down']], 1));
    await first.stop();
    const second = await folder.monitor('web.json');
    second.apply(snapshotOf([['a:1', 'down'], ['b:1']], 2));
    await second.stop();

    const third = await folder.monitor(...ALL);
    third.apply(
      snapshotOf(
        [
          ['a:1', 'unknown'],
          ['b:1', 'unknown'],
        ],
        3,
      ),
    );
    await third.tried();
    expect(await summaries()).toEqual(['3 +-', '3 -+', '3 -+']);
    third.apply(
      snapshotOf(
        [
          ['a:1', 'up'],
          ['b:1', 'unknown'],
        ],
        4,
      ),
    );
    await third.tried();
    expect((await summaries()).map((summary) => summary.slice(0, 2))).toEqual(['4 ', '4 ', '4 ']);
  });

  it('are not touched by a restart that finds the fleet as they say', async () => {
    const first = await folder.monitor(...ALL);
    first.apply(snapshotOf([['a:1'], ['b:1', 'down']], 7));
    await first.stop();
    const before = await touched();

    const second = await folder.monitor(...ALL);
    second.apply(
      snapshotOf(
        [
          ['a:1', 'unknown'],
          ['b:1', 'warming'],
        ],
        8,
      ),
    );
    second.apply(
      snapshotOf(
        [
          ['a:1', 'up'],
          ['b:1', 'warming'],
        ],
        9,
      ),
    );
    await second.tried();
    await folder.pass(4000);
    expect(await touched()).toEqual(before);
    expect((await folder.lease('web.xml'))?.generation).toBe(7);
    second.apply(snapshotOf([['a:1'], ['b:1']], 10));
    await second.tried();
    expect(await summaries()).toEqual(['10 ++', '10 ++', '10 ++']);
  });

  it('that were lost come back at a restart with the generation that the others have', async () => {
    const first = await folder.monitor(...ALL);
    first.apply(snapshotOf([['a:1']], 7));
    await first.stop();
    await writeFile(folder.path('web.json'), 'broken');
    const before = await folder.touched('web.xml');
    const second = await folder.monitor(...ALL);
    second.apply(snapshotOf([['a:1']], 8));
    await second.tried();
    expect(await summaries()).toEqual(['7 +', '7 +', '7 +']);
    expect(await folder.touched('web.xml')).toBe(before);
  });

  it('are all written anew when the monitor was away while a server turned', async () => {
    const first = await folder.monitor(...ALL);
    first.apply(snapshotOf([['a:1'], ['b:1']], 7));
    await first.stop();
    const second = await folder.monitor(...ALL);
    second.apply(snapshotOf([['a:1'], ['b:1', 'down']], 8));
    await second.tried();
    expect(await summaries()).toEqual(['8 +-', '8 +-', '8 +-']);
  });

  it('with two ports of one host are refused for ASP.NET by name, and the others are written', async () => {
    const files = await folder.monitor(...ALL);
    files.apply(snapshotOf([['a:1'], ['a:2']], 1));
    await files.tried();
    expect(files.problems()).toMatchObject([{ path: folder.path('web.xml'), code: 'STATUS_HOST_TWICE', since: 1e6 }]);
    expect(files.problems()[0]?.message).toContain('a:1 and a:2');
    expect(await summaries(['web.json', 'web.conf'])).toEqual(['1 ++', '1 ++']);
  });

  it('lose the temporary files of a monitor that was killed, and nothing else', async () => {
    const own = ['web.xml.0a1b2c3d.tmp', 'web.xml.lease.0a1b2c3d.tmp'];
    const foreign = ['web.xml.0a1b2c3d.tmp2', 'web.xml.old.tmp', 'my-web.xml.0a1b2c3d.tmp', 'web.json.0a1b2c3d.tmp'];
    for (const name of [...own, ...foreign]) await writeFile(folder.path(name), '');
    await folder.monitor('web.xml');
    expect((await readdir(folder.dir)).toSorted()).toEqual([...foreign, 'web.xml.lease'].toSorted());
  });
});
