import { expect, it } from 'vitest';
import type { ScriptName } from './pages.ts';
import { PageScriptMissing, PageScripts } from './page-scripts.ts';

function start() {
  const server = { asked: [] as ScriptName[], again: [] as ScriptName[], isGone: false };
  const scripts = new PageScripts(async (page, isAgain) => {
    server.asked.push(page);
    if (isAgain) server.again.push(page);
    if (server.isGone) throw new TypeError('Failed to fetch dynamically imported module');
    return `the page ${page}`;
  });
  return { server, scripts };
}

it('loads a page once', async () => {
  const { server, scripts } = start();
  expect(scripts.get('fleet')).toBe(scripts.get('fleet'));
  expect(await scripts.get('fleet')).toBe('the page fleet');
  expect(server.asked).toEqual(['fleet']);
});

it('remembers a failure until it is told to try again', async () => {
  const { server, scripts } = start();
  server.isGone = true;
  await expect(scripts.get('fleet')).rejects.toBeInstanceOf(PageScriptMissing);
  server.isGone = false;
  await expect(scripts.get('fleet')).rejects.toBeInstanceOf(PageScriptMissing);
  scripts.forget('fleet');
  expect(await scripts.get('fleet')).toBe('the page fleet');
  await scripts.get('images');
  expect(server.again).toEqual(['fleet']);
});

it('brings the others when there is time, one after the other, so that they are there when the server is not', async () => {
  const { server, scripts } = start();
  await scripts.get('upload');
  const waits: (() => void)[] = [];
  const done = scripts.preload(['upload', 'fleet', 'images'], () => new Promise((resolve) => waits.push(resolve)));
  expect(server.asked).toEqual(['upload']);
  for (let turn = 0; turn < 3; turn += 1) {
    await expect.poll(() => waits.length).toBe(turn + 1);
    waits[turn]?.();
  }
  await done;
  server.isGone = true;
  expect(await scripts.get('images')).toBe('the page images');
  expect(server.asked).toEqual(['upload', 'fleet', 'images']);
});

it('forgets what it could not bring ahead: whoever opens the page asks anew', async () => {
  const { server, scripts } = start();
  server.isGone = true;
  await scripts.preload(['fleet'], async () => undefined);
  server.isGone = false;
  expect(await scripts.get('fleet')).toBe('the page fleet');
});
