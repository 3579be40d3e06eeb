import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineSettingsFile } from './engine-settings.ts';
import { tempFolder } from './testing/temp-folder.ts';

const file = (): string => join(tempFolder(), 'engine.json');

it('keeps what is changed, and the key of the machine', async () => {
  const place = file();
  const first = await EngineSettingsFile.open(place);
  expect(first.settings).toMatchObject({ isPaused: false, limits: { bytesPerSecond: 0, requests: 16 } });
  await Promise.all([first.change({ isPaused: true }), first.change({ limits: { bytesPerSecond: 5, requests: 1 } })]);
  const again = await EngineSettingsFile.open(place);
  expect(again.settings).toEqual(first.settings);
  expect(again.settings).toMatchObject({ isPaused: true, limits: { bytesPerSecond: 5, requests: 1 } });
});

it.each(['', '{', '{"version":2}', '{"version":1,"machineKey":"a","isPaused":"yes","limits":{}}'])(
  'sets aside what makes no sense: %s',
  async (text) => {
    const place = file();
    writeFileSync(place, text);
    const { settings } = await EngineSettingsFile.open(place);
    expect(settings.isPaused).toBe(false);
    expect(readFileSync(`${place}.damaged`, 'utf8')).toBe(text);
    expect((await EngineSettingsFile.open(place)).settings.machineKey).toBe(settings.machineKey);
  },
);

it('says which file it cannot write', async () => {
  const place = join(tempFolder(), 'nowhere', 'engine.json');
  await expect(EngineSettingsFile.open(place)).rejects.toMatchObject({
    code: 'IO_FAILED',
    message: expect.stringContaining(place) as unknown,
  });
  expect(existsSync(place)).toBe(false);
});
