import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventHub, type FleetEvent } from './event-hub.ts';

describe('the event hub', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const hub = (): EventHub => new EventHub({ now: () => Date.now(), epoch: 'e1' });
  const listener = (): { heard: FleetEvent[]; send: (event: FleetEvent) => void } => {
    const heard: FleetEvent[] = [];
    return { heard, send: (event) => heard.push(event) };
  };
  const ids = (heard: readonly FleetEvent[]): string[] => heard.map(({ id }) => id);

  it('sends at most ten events a second to a listener', () => {
    const events = hub();
    const { heard, send } = listener();
    events.subscribe({ send, end: () => undefined });
    for (let index = 0; index < 100; index += 1) events.publish('image', String(index), {});
    vi.advanceTimersByTime(999);
    expect(heard).toHaveLength(10);
    vi.advanceTimersByTime(1000);
    expect(heard).toHaveLength(20);
  });

  it('sends only the newest of several waiting events about one thing', () => {
    const events = hub();
    const { heard, send } = listener();
    events.subscribe({ send, end: () => undefined });
    for (let index = 0; index < 50; index += 1) events.publish('progress', 'replay', { done: index });
    events.publish('server', 'replay', {});
    vi.advanceTimersByTime(5000);
    expect(heard.map(({ kind, data }) => [kind, data])).toEqual([
      ['progress', { done: 49 }],
      ['server', {}],
    ]);
  });

  it('sends ids in rising order, so that who comes back misses nothing', () => {
    const events = hub();
    const { heard, send } = listener();
    events.subscribe({ send, end: () => undefined });
    for (let index = 0; index < 40; index += 1) {
      events.publish('image', String(index % 7), {});
      vi.advanceTimersByTime(30);
    }
    vi.advanceTimersByTime(5000);
    const counters = heard.map(({ id }) => Number(id.split('-')[1]));
    expect(counters).toEqual([...counters].sort((a, b) => a - b));
    expect(counters.at(-1)).toBe(40);
  });

  it('tells of servers and progress before hundreds of copies, and says that older events wait', () => {
    const events = hub();
    const heard: string[] = [];
    events.subscribe({
      send: ({ kind, key }, isAhead) => heard.push(`${kind} ${key}${isAhead ? ' ahead' : ''}`),
      end: () => undefined,
    });
    for (let index = 0; index < 600; index += 1) {
      events.publish('delivery', String(index), {});
      events.publish('progress', 'replay', { done: index });
    }
    vi.advanceTimersByTime(0);
    events.publish('server', 's3', {});
    vi.advanceTimersByTime(100);
    // Beyond the limit the oldest copies are dropped, and nothing else.
    expect(heard).toEqual(['progress replay ahead', 'server s3 ahead']);
    vi.advanceTimersByTime(100);
    expect(heard.at(-1)).toBe('delivery 101');
  });

  it('gives who comes back what it missed, and all it has to who comes from an earlier run', () => {
    const events = hub();
    for (const key of ['a', 'b', 'c']) events.publish('image', key, {});
    const [same, other, fresh] = [listener(), listener(), listener()];
    events.subscribe({ send: same.send, end: () => undefined, lastEventId: 'e1-2' });
    events.subscribe({ send: other.send, end: () => undefined, lastEventId: 'e0-77' });
    events.subscribe({ send: fresh.send, end: () => undefined });
    vi.advanceTimersByTime(1000);
    expect([ids(same.heard), ids(other.heard), ids(fresh.heard)]).toEqual([['e1-3'], ['e1-1', 'e1-2', 'e1-3'], []]);
  });

  it('keeps a bounded number of events for a listener that is slow', () => {
    const events = hub();
    const { heard, send } = listener();
    events.subscribe({ send, end: () => undefined });
    for (let index = 0; index < 3000; index += 1) events.publish('image', String(index), {});
    vi.advanceTimersByTime(120_000);
    expect(heard).toHaveLength(500);
    expect(heard.at(-1)?.key).toBe('2999');
  });

  it('sends nothing after the listener has left, and says when it is full', () => {
    const events = hub();
    const { heard, send } = listener();
    const leave = events.subscribe({ send, end: () => undefined });
    events.publish('image', 'a', {});
    leave();
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual([]);
    for (let index = 0; index < 200; index += 1) events.subscribe({ send, end: () => undefined });
    expect(events.isFull).toBe(true);
  });
});
