import { clipboard, dialog, shell } from 'electron';
import { IMAGE_EXTENSIONS } from '@imagefleet/shared/common/image/path-rules.ts';
import type { SystemPort } from '#main/shell-service.ts';

const IMAGES = [{ name: 'Images', extensions: [...IMAGE_EXTENSIONS] }];

/** Dialogs, clipboard, browser and file manager of this system. */
export const systemPort: SystemPort = {
  chooseFolders: () => choose(['openDirectory', 'multiSelections']),
  chooseFiles: () => choose(['openFile', 'multiSelections'], IMAGES),
  chooseTarget: async (name) => {
    const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: name });
    return canceled || filePath === '' ? null : filePath;
  },
  chooseSource: async () => (await choose(['openFile']))[0] ?? null,
  copyText: async (text) => {
    await clipboard.writeText(text);
  },
  openLink: (url) => shell.openExternal(url),
  showFile: (path) => shell.showItemInFolder(path),
};

type Property = 'openDirectory' | 'openFile' | 'multiSelections';

async function choose(properties: Property[], filters: typeof IMAGES = []): Promise<readonly string[]> {
  const { canceled, filePaths } = await dialog.showOpenDialog({ properties, filters });
  return canceled ? [] : filePaths;
}
