import { join } from 'node:path';
import { app } from 'electron';
import { AppSettingsFile } from '#main/app-settings.ts';
import { KeySafe } from '#main/key-safe.ts';
import { declareAppScheme } from './app-scheme.ts';
import { setAppMenu } from './app-menu.ts';
import { denyPermissions } from './app-window.ts';
import { DesktopApp } from './desktop-app.ts';
import { systemSecrets } from './system-secrets.ts';

/** Beside the bundle of main, which is one file. */
const FOLDER = import.meta.dirname;

// Everything up to the first wait is done before the app is ready, as Electron asks for schemes and the lock.
declareAppScheme();
if (app.requestSingleInstanceLock()) {
  app.enableSandbox();
  // Windows shows notifications only of programs that it knows by this name, which is that of the installer.
  app.setAppUserModelId('org.imagefleet.desktop');
  void start();
} else {
  app.quit();
}

async function start(): Promise<void> {
  try {
    await app.whenReady();
    denyPermissions();
    setAppMenu();
    const data = app.getPath('userData');
    const settings = await AppSettingsFile.open(join(data, 'settings.json'));
    const safe = new KeySafe(join(data, 'key.bin'), systemSecrets);
    await new DesktopApp({ folder: FOLDER, dataDir: join(data, 'engine'), settings, safe }).start();
  } catch (error) {
    // Without settings there is nothing to show; the system's own dialog for crashes says why.
    process.nextTick(() => {
      throw error;
    });
  }
}
