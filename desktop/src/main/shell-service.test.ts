import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { AppSettingsFile } from './app-settings.ts';
import { KeySafe } from './key-safe.ts';
import { ShellService, type SystemPort } from './shell-service.ts';
import { tempFolder } from './testing/temp-folder.ts';

async function shell(choices: { target?: string | null; source?: string | null } = {}) {
  const folder = tempFolder();
  const settings = await AppSettingsFile.open(join(folder, 'settings.json'));
  const plain = {
    encrypt: (text: string) => Promise.resolve(Buffer.from(text)),
    decrypt: (bytes: Uint8Array) => Promise.resolve({ text: Buffer.from(bytes).toString(), isStale: false }),
    isUnprotected: () => true,
  };
  const opened: string[] = [];
  const names: string[] = [];
  const changes: boolean[] = [];
  const system: SystemPort = {
    chooseFolders: () => Promise.resolve(['/pictures']),
    chooseFiles: () => Promise.resolve([]),
    chooseTarget: (name) => {
      names.push(name);
      return Promise.resolve(choices.target ?? null);
    },
    chooseSource: () => Promise.resolve(choices.source ?? null),
    copyText: () => Promise.resolve(),
    openLink: (url) => Promise.resolve(void opened.push(url)),
    showFile: () => undefined,
  };
  const service = new ShellService({
    ...{ settings, system, safe: new KeySafe(join(folder, 'key.bin'), plain), version: '9.9' },
    servers: () => settings.settings.servers,
    onChanged: ({ isAccess }) => changes.push(isAccess),
  });
  return { service, folder, opened, names, changes };
}

describe('the app around the console', () => {
  it('changes settings, and says whether the fleet is to be reached anew', async () => {
    const { service, changes } = await shell();
    await service.changeSettings({ notifies: false });
    const state = await service.changeSettings({ servers: ['http://s1:7401'] });
    expect(state.settings).toMatchObject({ notifies: false, servers: ['http://s1:7401'] });
    expect(changes).toEqual([false, true]);
  });

  it('keeps the key and never tells it', async () => {
    const { service, changes } = await shell();
    const state = await service.keepKey({ key: 'secret-key' });
    expect(state).toMatchObject({ key: 'kept', isKeyUnprotected: true, version: '9.9' });
    expect(JSON.stringify([state, await service.readSettings({})])).not.toContain('secret-key');
    expect(changes).toEqual([true]);
  });

  it('exports settings without the key, and imports them elsewhere', async () => {
    const target = join(tempFolder(), 'out.json');
    const { service } = await shell({ target });
    await service.changeSettings({ servers: ['http://s1:7401'], language: 'zh' });
    await service.keepKey({ key: 'secret-key' });
    expect(await service.exportSettings({})).toEqual({ isDone: true });
    expect(readFileSync(target, 'utf8')).not.toContain('secret-key');
    const other = await shell({ source: target });
    const { settings, key, isDone } = await other.service.importSettings({});
    expect([settings.servers, settings.language, key, isDone]).toEqual([['http://s1:7401'], 'zh', 'none', true]);
  });

  it('does nothing when a dialog was closed', async () => {
    const { service, changes } = await shell();
    expect(await service.exportSettings({})).toEqual({ isDone: false });
    expect(await service.importSettings({})).toMatchObject({ isDone: false });
    expect(await service.chooseTarget({ name: 'a.csv' })).toEqual({ path: null });
    expect(changes).toEqual([]);
  });

  it('imports nothing that it did not export', async () => {
    const source = join(tempFolder(), 'in.json');
    const { service, changes } = await shell({ source });
    await expect(service.importSettings({})).rejects.toMatchObject({ code: 'CFG_UNREADABLE' });
    writeFileSync(source, '{"a":1}');
    await expect(service.importSettings({})).rejects.toMatchObject({ code: 'CFG_INVALID' });
    expect(changes).toEqual([]);
  });

  it('imports the servers of an old servers.xml, and leaves all else as it is', async () => {
    const source = join(tempFolder(), 'servers.xml');
    const server = (name: string) =>
      `<Server Name="${name}" Uri="http://${name}:81/do.ashx" SecurityKey="secret-key"/>`;
    writeFileSync(source, `<?xml version="1.0"?><Servers>${server('i-1')}${server('i-2')}</Servers>`);
    const { service } = await shell({ source });
    await service.changeSettings({ language: 'zh' });
    const { settings, key } = await service.importSettings({});
    expect(settings).toMatchObject({ servers: ['http://i-1:81', 'http://i-2:81'], language: 'zh' });
    expect(key).toBe('none');
    writeFileSync(source, '<Servers><Server Name="i-1"/></Servers>');
    const { code, message } = (await service.importSettings({}).catch((error: unknown) => error)) as FleetError;
    expect([code, message]).toEqual(['CFG_INVALID', expect.stringContaining('Uri: is missing')]);
  });

  it('opens links of the fleet only', async () => {
    const { service, opened } = await shell();
    await service.changeSettings({ servers: ['http://s1:7401'] });
    await service.openLink({ url: 'http://s1:7401/a.png' });
    await expect(service.openLink({ url: 'file:///etc/passwd' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(opened).toEqual(['http://s1:7401/a.png']);
  });

  it('proposes a name, and no place that a page chose', async () => {
    const { service, names } = await shell();
    await service.chooseTarget({ name: '../../etc/x.csv' });
    expect(names).toEqual(['.._.._etc_x.csv']);
  });
});
