import { Menu } from 'electron';

/**
 * On macOS the menu is where copy, paste and quit have their keys; elsewhere there is none, and the page has its own. Nothing
 * in it opens the developer's tools of what is delivered.
 */
export function setAppMenu(): void {
  if (process.platform !== 'darwin') {
    Menu.setApplicationMenu(null);
    return;
  }
  Menu.setApplicationMenu(Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]));
}
