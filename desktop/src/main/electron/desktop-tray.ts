import { join } from 'node:path';
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions } from 'electron';
import type { TrayAction, TrayIcon, TrayView } from '#main/tray-view.ts';

export interface DesktopTrayOptions {
  /** Folder of the icons: `ok.png`, with `ok@2x.png` beside it, and `okTemplate.png` for macOS. */
  readonly icons: string;
  readonly onAction: (action: TrayAction) => void;
}

/** The icon in the system's tray. It is kept for as long as the app runs: one that is collected disappears. */
export class DesktopTray {
  readonly #options: DesktopTrayOptions;
  #tray: Tray | null = null;
  #icon: TrayIcon | null = null;

  constructor(options: DesktopTrayOptions) {
    this.#options = options;
  }

  show({ icon, tooltip, menu }: TrayView): void {
    const { onAction } = this.#options;
    if (this.#tray === null) {
      this.#tray = new Tray(this.#imageOf(icon));
      // Not told on most Linux desktops, where a click opens the menu: everything is in there as well.
      this.#tray.on('click', () => onAction({ kind: 'open' }));
    } else if (icon !== this.#icon) {
      this.#tray.setImage(this.#imageOf(icon));
    }
    this.#icon = icon;
    this.#tray.setToolTip(tooltip);
    // Anew after each change: Linux shows the menu as it was when it was set.
    const items = menu.map((item): MenuItemConstructorOptions => {
      if (item === 'separator') return { type: 'separator' };
      const { label, action } = item;
      return action === null ? { label, enabled: false } : { label, click: () => onAction(action) };
    });
    this.#tray.setContextMenu(Menu.buildFromTemplate(items));
  }

  close(): void {
    this.#tray?.destroy();
    this.#tray = null;
  }

  #imageOf(icon: TrayIcon): Electron.NativeImage {
    const name = process.platform === 'darwin' ? `${icon}Template.png` : `${icon}.png`;
    return nativeImage.createFromPath(join(this.#options.icons, name));
  }
}
