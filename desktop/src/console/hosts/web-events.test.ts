import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveEvent, LiveState } from '#console/api/host.ts';
import { listenToEvents } from './web-events.ts';

class FakeSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  readyState: number = FakeSource.CONNECTING;

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const sources: FakeSource[] = [];
  const states: LiveState[] = [];
  const events: LiveEvent[] = [];
  const listener = {
    onState: (state: LiveState) => void states.push(state),
    onEvent: (event: LiveEvent) => void events.push(event),
  };
  const end = listenToEvents('/events', listener, () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  });
  const newest = (): FakeSource => sources.at(-1) ?? expect.fail();
  return { sources, states, events, newest, end };
}

it('hands on events of every kind that it knows', () => {
  const { newest, states, events } = start();
  newest().dispatchEvent(new Event('open'));
  newest().dispatchEvent(new MessageEvent('delivery', { data: '{"path":"2026/3/9/x.png"}' }));
  newest().dispatchEvent(new MessageEvent('nothing we know', { data: '{}' }));
  expect(states).toEqual(['connecting', 'live']);
  expect(events).toEqual([{ kind: 'delivery', data: { path: '2026/3/9/x.png' } }]);
});

it('leaves it to the browser to come back, unless that has given up', async () => {
  const { sources, states, newest } = start();
  newest().fail(FakeSource.CONNECTING);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(1);
  newest().fail(FakeSource.CLOSED);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(2);
  newest().dispatchEvent(new Event('open'));
  expect(states).toEqual(['connecting', 'lost', 'lost', 'live']);
});

it('opens no stream any more after its end', async () => {
  const { sources, newest, end } = start();
  newest().fail(FakeSource.CLOSED);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(1);
  expect(newest().readyState).toBe(FakeSource.CLOSED);
});
