import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { notes, type NotedMenuItem } from './notes.ts';

interface DoubleImage {
  readonly file: string;
}

interface DoubleMenu {
  readonly items: readonly NotedMenuItem[];
}

export const nativeImage = {
  createFromPath: (file: string): DoubleImage => {
    if (!existsSync(file)) throw new Error(`there is no picture ${file}`);
    return { file };
  },
};

export const Menu = {
  buildFromTemplate: (items: readonly NotedMenuItem[]): DoubleMenu => ({ items }),
  setApplicationMenu: (): void => undefined,
};

export class Tray extends EventEmitter {
  constructor({ file }: DoubleImage) {
    super();
    notes.tray = { image: file, toolTip: '', menu: [] };
  }

  setImage({ file }: DoubleImage): void {
    if (notes.tray !== null) notes.tray.image = file;
  }

  setToolTip(text: string): void {
    if (notes.tray !== null) notes.tray.toolTip = text;
  }

  setContextMenu({ items }: DoubleMenu): void {
    if (notes.tray !== null) notes.tray.menu = items;
  }

  destroy(): void {
    notes.tray = null;
  }
}

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }

  readonly #options: { readonly title: string; readonly body: string };

  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.#options = options;
  }

  show(): void {
    notes.notices.push({ ...this.#options, click: () => void this.emit('click') });
  }
}

export const clipboard = {
  writeText: (text: string): Promise<void> => Promise.resolve(void notes.copied.push(text)),
};

export const shell = {
  openExternal: (url: string): Promise<void> => Promise.resolve(void notes.opened.push(url)),
  showItemInFolder: (path: string): void => void notes.opened.push(path),
};

export const dialog = {
  showOpenDialog: () => {
    const filePaths = notes.chosen.splice(0);
    return Promise.resolve({ canceled: filePaths.length === 0, filePaths });
  },
  showSaveDialog: () => {
    const [filePath = ''] = notes.chosen.splice(0);
    return Promise.resolve({ canceled: filePath === '', filePath });
  },
};

export const safeStorage = {
  encryptStringAsync: (text: string): Promise<Buffer> =>
    Promise.resolve(Buffer.from(Buffer.from(text).map((byte) => byte ^ 0x55))),
  decryptStringAsync: (bytes: Buffer) =>
    notes.isKeychainLocked
      ? Promise.reject(new Error('the keychain is locked'))
      : Promise.resolve({ result: Buffer.from(bytes.map((byte) => byte ^ 0x55)).toString(), shouldReEncrypt: false }),
  getSelectedStorageBackend: () => 'gnome_libsecret',
};
