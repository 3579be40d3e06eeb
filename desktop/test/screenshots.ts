import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const FOLDER = join(import.meta.dirname, '../../dist/screenshots');
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 800 };

export function screenshotFile(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, `${name}.png`);
}

/** The page as it is now: light and dark, and in a narrow window. For people to look at; the README shows three. */
export async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: screenshotFile(`${name}-${colorScheme}`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(NARROW);
  await page.screenshot({ path: screenshotFile(`${name}-narrow`) });
  await page.setViewportSize(WIDE);
}
