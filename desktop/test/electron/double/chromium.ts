import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { setting } from './double-settings.ts';

let context: BrowserContext | undefined;

/** One Chromium for all windows. The test joins it by the port that stands in the profile's `DevToolsActivePort`. */
export async function startChromium(): Promise<void> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  context = await chromium.launchPersistentContext(join(setting('userData'), 'chromium'), {
    executablePath: setting('chromium'),
    args: ['--remote-debugging-port=0', ...sandbox],
    locale: setting('locale'),
    viewport: { width: 1200, height: 800 },
  });
}

export function chromiumContext(): BrowserContext {
  if (context === undefined) throw new Error('the app is not ready: nothing may be opened yet');
  return context;
}

let hasEnded = false;

/** Whether the app is about to be gone, and its pages with it. */
export function isEnding(): boolean {
  return hasEnded;
}

export async function stopChromium(): Promise<void> {
  hasEnded = true;
  await context?.close();
}
