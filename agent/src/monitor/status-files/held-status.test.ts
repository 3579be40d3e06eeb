import { writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeLease } from '@imagefleet/shared/common/status-file/lease.ts';
import { snapshotOf } from '@imagefleet/shared/testing/status-builders.ts';
import { readHeld } from './testing/read-held.ts';
import { StatusFolder } from './testing/status-folder.ts';

let folder: StatusFolder;
beforeEach(async () => {
  folder = await StatusFolder.make();
});

const settings = (...names: readonly string[]) =>
  names.map((name) => ({ path: folder.path(name), format: 'aspnet' as const }));

async function write(name: string, generation: number, ...addresses: readonly string[]): Promise<void> {
  const files = await folder.monitor(name);
  files.apply(
    snapshotOf(
      addresses.map((address) => [address.slice(1), address.startsWith('+') ? 'up' : 'down']),
      generation,
    ),
  );
  await files.stop();
}

describe('what is held at a start', () => {
  it('is nothing where no file is, and where none can be read', async () => {
    await writeFile(folder.path('broken.xml'), '<Session');
    const held = await readHeld(settings('missing.xml', 'broken.xml', 'no/folder.xml', '.'));
    expect([...held.online]).toEqual([]);
    expect(held.generation).toBe(0);
  });

  it('is what the old monitor wrote', async () => {
    await writeFile(
      folder.path('old.xml'),
      '<SessionStateServers><Servers><add Host="a" Port="1" Online="True" /><add Host="[::1]" Port="2" Online="False" /></Servers></SessionStateServers>',
    );
    const held = await readHeld(settings('old.xml'));
    expect(Object.fromEntries(held.online)).toEqual({ 'a:1': true, '[::1]:2': false });
  });

  it('is the word of the newest file about each server, in any order of the files', async () => {
    await write('one.xml', 3, '+a:1', '-b:1', '+c:1');
    await write('two.json', 5, '-a:1', '+b:1');
    for (const names of [
      ['one.xml', 'two.json'],
      ['two.json', 'one.xml'],
    ]) {
      const held = await readHeld(settings(...names));
      expect(Object.fromEntries(held.online)).toEqual({ 'a:1': false, 'b:1': true, 'c:1': true });
      expect(held.generation).toBe(5);
    }
  });

  it('is online where files of one generation contradict each other', async () => {
    await write('one.xml', 3, '+a:1', '-b:1');
    await write('two.xml', 3, '-a:1', '-b:1');
    for (const names of [
      ['one.xml', 'two.xml'],
      ['two.xml', 'one.xml'],
    ]) {
      expect(Object.fromEntries((await readHeld(settings(...names))).online)).toEqual({ 'a:1': true, 'b:1': false });
    }
  });

  it('has the highest generation of comments, fields and leases', async () => {
    await write('one.json', 3, '+a:1');
    await write('two.conf', 4, '+a:1');
    expect((await readHeld(settings('one.json', 'two.conf'))).generation).toBe(4);
    await writeFile(folder.path('one.json.lease'), encodeLease({ generation: 9, counter: 1, periodMs: 2000 }));
    expect((await readHeld(settings('one.json', 'two.conf'))).generation).toBe(9);
    await writeFile(folder.path('one.json.lease'), '');
    expect((await readHeld(settings('one.json', 'two.conf'))).generation).toBe(4);
  });

  it('is not waited for where a disk hangs', async () => {
    await write('one.xml', 3, '+a:1');
    folder.disk.hang('read', 'two.xml');
    const held = readHeld(settings('one.xml', 'two.xml'), folder.disk);
    await folder.disk.calm();
    await folder.pass(2000);
    expect(Object.fromEntries((await held).online)).toEqual({ 'a:1': true });
  });
});
