import { expect, it } from 'vitest';
import type { DesktopAnswer, DesktopCall, DesktopNews } from '#bridge/desktop-bridge.ts';
import type { LiveListener } from '@imagefleet/shared/common/operator/live-events.ts';
import { createDesktopHost } from './desktop-host.ts';

function start(answer: (call: DesktopCall) => DesktopAnswer | Promise<DesktopAnswer>) {
  const calls: DesktopCall[] = [];
  const hearers = new Set<(news: DesktopNews) => void>();
  const host = createDesktopHost({
    call: async (asked) => {
      calls.push(asked);
      return answer(asked);
    },
    listen: (hear) => {
      hearers.add(hear);
      return () => void hearers.delete(hear);
    },
    pathOf: () => '/pictures',
  });
  const tell = (news: DesktopNews): void => hearers.forEach((hear) => hear(news));
  return { host, calls, tell, hearers };
}

function heard() {
  const states: string[] = [];
  const events: unknown[] = [];
  const listener: LiveListener = { onState: (state) => states.push(state), onEvent: (event) => events.push(event) };
  return { states, events, listener };
}

const live = (state: string): DesktopAnswer => ({ isOk: true, output: { live: state } });

it('asks engine, app and servers by the one bridge, and has no login', async () => {
  const { host, calls } = start(() => ({ isOk: true, output: { text: 'answered' } }));
  const { desktop } = host.capabilities;
  expect(await desktop?.engine.pause({ keys: [1] })).toEqual({ text: 'answered' });
  await desktop?.shell.copyText({ text: 'a link' });
  await host.api.listServers({ scope: 'fleet' });
  expect(calls).toEqual([
    { api: 'engine', method: 'pause', input: { keys: [1] } },
    { api: 'shell', method: 'copyText', input: { text: 'a link' } },
    { api: 'operator', method: 'listServers', input: { scope: 'fleet' } },
  ]);
  expect([host.capabilities.hasLogin, (await host.session())?.roles.length]).toEqual([false, 3]);
  expect(host.imageUrl('2026/3/9/图 1.png')).toBe('/image/2026/3/9/%E5%9B%BE%201.png');
});

it.each([
  ['KEY_WRONG', 'KEY_WRONG'],
  ['FILE_MISSING', 'INTERNAL'],
])('a refusal with %s fails with %s, its message and its hint', async (code, expected) => {
  const { host } = start(() => ({ isOk: false, error: { code, message: 'refused', hint: 'do this' } }));
  await expect(host.api.listServers({})).rejects.toMatchObject({ code: expected, message: 'refused', hint: 'do this' });
});

it('a bridge that breaks is a failure with a code', async () => {
  const { host } = start(() => Promise.reject(new Error('channel closed')));
  await expect(host.api.listServers({})).rejects.toMatchObject({ code: 'INTERNAL' });
});

it('hears events and states, and asks for the state of now', async () => {
  const { host, tell, hearers } = start(() => live('live'));
  const { states, events, listener } = heard();
  const end = host.listen(listener);
  await expect.poll(() => states).toEqual(['connecting', 'live']);
  tell({ kind: 'liveState', state: 'lost' });
  tell({ kind: 'queueChanged' });
  tell({ kind: 'liveEvent', event: { kind: 'image', data: {} } });
  expect([states.at(-1), events]).toEqual(['lost', [{ kind: 'image', data: {} }]]);
  end();
  expect(hearers.size).toBe(0);
});

it('what was told meanwhile is newer than the answer', async () => {
  const waiting: ((answer: DesktopAnswer) => void)[] = [];
  const { host, tell } = start(() => new Promise((resolve) => waiting.push(resolve)));
  const { states, listener } = heard();
  host.listen(listener);
  tell({ kind: 'liveState', state: 'live' });
  for (const answer of waiting) answer(live('lost'));
  await new Promise((resolve) => setTimeout(resolve));
  expect(states).toEqual(['connecting', 'live']);
});

it('an engine that cannot be asked hears nothing', async () => {
  const { host } = start(() => ({ isOk: false, error: { code: 'INTERNAL', message: 'it is gone' } }));
  const { states, listener } = heard();
  host.listen(listener);
  await expect.poll(() => states).toEqual(['connecting', 'lost']);
});
