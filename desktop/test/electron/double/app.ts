import { EventEmitter } from 'node:events';
import { startChromium, stopChromium } from './chromium.ts';
import { setting } from './double-settings.ts';
import { notes } from './notes.ts';

class DoubleApp extends EventEmitter {
  readonly #ready = startChromium();

  whenReady(): Promise<void> {
    return this.#ready;
  }

  getPath(name: string): string {
    if (name !== 'userData') throw new Error(`the double has no path ${name}`);
    return setting('userData');
  }

  getVersion(): string {
    return '0.0.0-double';
  }

  getLocale(): string {
    return setting('locale');
  }

  requestSingleInstanceLock(): boolean {
    return true;
  }

  enableSandbox(): void {
    notes.isSandboxed = true;
  }

  setAppUserModelId(id: string): void {
    notes.appUserModelId = id;
  }

  setLoginItemSettings(settings: unknown): void {
    notes.loginItem = settings;
  }

  quit(): void {
    const event = { isPrevented: false, preventDefault: () => void (event.isPrevented = true) };
    this.emit('before-quit', event);
    if (event.isPrevented) return;
    this.emit('will-quit', {});
    void stopChromium().finally(() => process.exit(0));
  }
}

export const app = new DoubleApp();
