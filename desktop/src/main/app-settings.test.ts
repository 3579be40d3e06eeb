import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppSettingsFile, FIRST_SETTINGS, settingsOf, settingsText } from './app-settings.ts';
import { tempFolder } from './testing/temp-folder.ts';

describe('the settings of the app', () => {
  it('are the first ones without a file, and are on the disk after a change', async () => {
    const file = join(tempFolder(), 'settings.json');
    const settings = await AppSettingsFile.open(file);
    expect(settings.settings).toEqual(FIRST_SETTINGS);
    await settings.change({ servers: [' http://s1:7401/ ', 'http://s1:7401'], language: 'zh' });
    const again = await AppSettingsFile.open(file);
    expect(again.settings).toEqual({ ...FIRST_SETTINGS, servers: ['http://s1:7401'], language: 'zh' });
  });

  it.each(['gopher://s1', 's1:7401', '', 'http://user:secret@s1'])('refuse what is no address: %s', async (server) => {
    const settings = await AppSettingsFile.open(join(tempFolder(), 'settings.json'));
    await expect(settings.change({ servers: [server] })).rejects.toMatchObject({ code: 'CFG_INVALID' });
    expect(settings.settings).toEqual(FIRST_SETTINGS);
  });

  it.each(['', '{', '{"version":2}', '{"version":1,"servers":"x"}'])(
    'that are damaged are set aside: %s',
    async (text) => {
      const file = join(tempFolder(), 'settings.json');
      writeFileSync(file, text);
      expect((await AppSettingsFile.open(file)).settings).toEqual(FIRST_SETTINGS);
      expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
      expect(existsSync(file)).toBe(false);
    },
  );

  it('that cannot be written say so', async () => {
    const folder = tempFolder();
    const settings = await AppSettingsFile.open(join(folder, 'none', 'settings.json'));
    await expect(settings.change({ language: 'en' })).rejects.toMatchObject({ code: 'IO_FAILED' });
  });

  it('go out and come back the same', () => {
    const settings = { ...FIRST_SETTINGS, servers: ['http://s1:7401'] };
    expect(settingsOf(settingsText(settings))).toEqual(settings);
  });
});
