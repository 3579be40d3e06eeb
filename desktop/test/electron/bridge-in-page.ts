import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { DesktopAnswer, DesktopBridge, DesktopCall, DesktopNews } from '#bridge/desktop-bridge.ts';

type World = typeof globalThis & { imagefleet: DesktopBridge; heard?: DesktopNews[] };

/** A call as the page makes it. */
export function callInPage(page: Page, call: DesktopCall): Promise<DesktopAnswer> {
  return page.evaluate((made) => (globalThis as World).imagefleet.call(made), call);
}

/** The output of a call that has to succeed. */
export async function outputInPage<T>(page: Page, call: DesktopCall): Promise<T> {
  const answer = await callInPage(page, call);
  if (!answer.isOk) return expect.fail(`${call.method}: ${answer.error.code} ${answer.error.message}`);
  return answer.output as T;
}

/** From now on the page notes what it is told. */
export function listenInPage(page: Page): Promise<void> {
  return page.evaluate(() => {
    const world = globalThis as World;
    const heard: DesktopNews[] = [];
    world.heard = heard;
    world.imagefleet.listen((news) => heard.push(news));
  });
}

export function heardInPage(page: Page): Promise<readonly DesktopNews[]> {
  return page.evaluate(() => (globalThis as World).heard ?? []);
}
