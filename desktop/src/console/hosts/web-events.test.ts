import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LiveEvent, LiveState } from '#console/api/host.ts';
import { listenToEvents } from './web-events.ts';

class FakeSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  readyState: number = FakeSource.CONNECTING;
  readonly address: string;

  constructor(address: string) {
    super();
    this.address = address;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  tell(kind: string, data: object, lastEventId = ''): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId }));
  }

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
  const end = listenToEvents('/events', listener, (address) => {
    const source = new FakeSource(address);
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
  for (let times = 0; times < 30; times += 1) {
    newest().fail(FakeSource.CONNECTING);
    await vi.advanceTimersByTimeAsync(2000);
  }
  expect(sources).toHaveLength(1);
  newest().fail(FakeSource.CLOSED);
  await vi.advanceTimersByTimeAsync(2000);
  expect(sources).toHaveLength(2);
  newest().open();
  expect(states.slice(-2)).toEqual(['lost', 'live']);
});

it('is alive while pings come as often as the server says, and lost when two of them are missed', async () => {
  const { sources, states, newest } = start();
  newest().open();
  for (let beats = 0; beats < 10; beats += 1) {
    newest().tell('ping', { everyMs: 5000 });
    await vi.advanceTimersByTimeAsync(9000);
  }
  expect([states, sources.length]).toEqual([['connecting', 'live'], 1]);
  await vi.advanceTimersByTimeAsync(4000);
  expect(states).toEqual(['connecting', 'live', 'lost']);
  expect(sources.map(({ readyState }) => readyState)).toEqual([FakeSource.CLOSED, FakeSource.CONNECTING]);
});

it('begins anew after the last event that it heard', async () => {
  const { sources, states, newest } = start();
  newest().open();
  newest().tell('ping', { everyMs: 15_000 });
  newest().tell('image', {}, 'e1-7');
  newest().tell('server', {});
  await vi.advanceTimersByTimeAsync(33_000);
  expect(sources.map(({ address }) => address)).toEqual(['/events', '/events?lastEventId=e1-7']);
  newest().open();
  expect(states).toEqual(['connecting', 'live', 'lost', 'live']);
});

it('does not wait for ever for a connection that nobody answers, also one that the browser makes', async () => {
  const { sources, newest } = start();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(sources).toHaveLength(2);
  newest().open();
  newest().fail(FakeSource.CONNECTING);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(sources).toHaveLength(3);
});

it('opens no stream any more after its end', async () => {
  const { sources, newest, end } = start();
  newest().fail(FakeSource.CLOSED);
  end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(1);
  expect(newest().readyState).toBe(FakeSource.CLOSED);
});
