import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { VirtualFleetClock } from '#engine/testing/fleet-clock.ts';
import type { OpenStream, StreamRequest } from './event-stream.ts';
import { LiveFeed } from './live-feed.ts';

const A = 'http://a';
const B = 'http://b';
const C = 'http://c';

interface FakeStream extends StreamRequest {
  end(code?: ErrorCode): void;
}

describe('the live feed', () => {
  let clock: VirtualFleetClock;
  let streams: FakeStream[];
  let refusing: Map<string, ErrorCode | 'hangs'>;
  let alive: Set<string>;
  let told: string[];
  let feed: LiveFeed;

  beforeEach(() => {
    clock = new VirtualFleetClock();
    streams = [];
    refusing = new Map();
    alive = new Set([A, B, C]);
    told = [];
    feed = new LiveFeed({
      ...{ clock, open },
      isAlive: async (server) => Promise.resolve(alive.has(server)),
      onState: (state) => told.push(state),
      onEvent: ({ kind, data }) => told.push(`${kind} ${JSON.stringify(data)}`),
    });
    feed.use([A, B, C]);
  });

  const open: OpenStream = async (request) => {
    const { promise, resolve } = Promise.withResolvers<FleetError>();
    streams.push({ ...request, end: (code = 'PEER_UNREACHABLE') => resolve(new FleetError(code, 'text')) });
    const refusal = refusing.get(request.server);
    if (refusal === 'hangs') return new Promise(() => undefined);
    if (refusal !== undefined) throw new FleetError(refusal, 'text');
    return Promise.resolve({ ended: promise });
  };
  const newest = (): FakeStream => streams.at(-1) ?? expect.fail();
  const opened = (): readonly string[] => streams.map(({ server }) => server);

  it('hears the preferred server, and hands on what it knows', async () => {
    feed.start();
    await clock.pass(0);
    newest().onMessage({ kind: 'ping', data: '{"everyMs":15000}', id: '' });
    newest().onMessage({ kind: 'delivery', data: '{"path":"x.png"}', id: 'e-1' });
    newest().onMessage({ kind: 'of a later version', data: '{}', id: 'e-2' });
    expect(told).toEqual(['live', 'delivery {"path":"x.png"}']);
    expect([feed.followed, feed.state, feed.error]).toEqual([A, 'live', undefined]);
  });

  it('goes on at the next one at once, from now on, and where it was when it comes back', async () => {
    feed.start();
    await clock.pass(0);
    newest().onMessage({ kind: 'image', data: '{}', id: 'a-7' });
    newest().onMessage({ kind: 'server', data: '{}', id: '' });
    newest().end();
    await clock.pass(0);
    expect([feed.followed, newest().lastEventId]).toEqual([B, undefined]);
    expect(told.filter((state) => !state.includes('{'))).toEqual(['live', 'lost', 'live']);
    feed.offer(new Set([A, B]));
    await clock.pass(0);
    expect([feed.followed, newest().lastEventId]).toEqual([A, 'a-7']);
    expect(streams[1]?.signal.aborted).toBe(true);
    expect(told.at(-2)).toBe('live');
  });

  it('returns to the preferred one only when that is fit, and keeps what it has while that fails', async () => {
    feed.start();
    await clock.pass(0);
    newest().end();
    await clock.pass(0);
    feed.offer(new Set([B, C]));
    refusing.set(A, 'PEER_UNREACHABLE');
    feed.offer(new Set([A]));
    await clock.pass(0);
    feed.offer(new Set([A]));
    await clock.pass(0);
    expect([opened(), feed.followed, told]).toEqual([[A, B, A], B, ['live', 'lost', 'live']]);
    await clock.pass(10_000);
    refusing.clear();
    feed.offer(new Set([A]));
    await clock.pass(0);
    expect(feed.followed).toBe(A);
  });

  it('notices within seconds that a server is gone without a word', async () => {
    feed.start();
    await clock.pass(30_000);
    expect(opened()).toEqual([A]);
    alive.delete(A);
    await clock.pass(2000);
    expect([feed.followed, told]).toEqual([B, ['live', 'lost', 'live']]);
  });

  it('gives up a stream whose pings stay away although the server answers', async () => {
    feed.start();
    await clock.pass(0);
    newest().onMessage({ kind: 'ping', data: '{"everyMs":5000}', id: '' });
    await clock.pass(11_999);
    expect(feed.followed).toBe(A);
    await clock.pass(2001);
    expect(feed.followed).toBe(B);
  });

  it('does not wait for a server that takes the connection and says nothing', async () => {
    refusing.set(A, 'hangs');
    feed.start();
    await clock.pass(3000);
    expect([feed.followed, streams[0]?.signal.aborted]).toEqual([B, true]);
  });

  it('waits half a second for each server that says nothing, and not for all of them one after the other', async () => {
    refusing.set(A, 'hangs');
    refusing.set(B, 'hangs');
    feed.start();
    await clock.pass(1000);
    expect([feed.followed, streams.map(({ signal }) => signal.aborted)]).toEqual([C, [true, true, false]]);
  });

  it('hears the slow one when the others fail', async () => {
    let answer = (): void => undefined;
    const slow: OpenStream = async (request) => {
      if (request.server !== A) throw new FleetError('PEER_UNREACHABLE', 'text');
      await new Promise<void>((resolve) => (answer = resolve));
      return open(request);
    };
    const isAlive = async (): Promise<boolean> => Promise.resolve(true);
    const other = new LiveFeed({ clock, open: slow, isAlive, onState: () => undefined, onEvent: () => undefined });
    other.use([A, B, C]);
    other.start();
    await clock.pass(2000);
    answer();
    await clock.pass(0);
    expect(other.followed).toBe(A);
    await other.close();
  });

  it('leaves a server that tells what is no event', async () => {
    feed.start();
    await clock.pass(0);
    newest().onMessage({ kind: 'incident', data: 'no JSON', id: 'a-1' });
    await clock.pass(0);
    expect(feed.followed).toBe(B);
  });

  it('waits longer and longer while nobody answers, and not when somebody does again', async () => {
    for (const server of [A, B, C]) refusing.set(server, 'PEER_UNREACHABLE');
    feed.start();
    await clock.pass(60_000);
    expect(told).toEqual(['lost']);
    expect(feed.error?.code).toBe('PEER_UNREACHABLE');
    // 0.75 s, 1.5 s, 3 s, 6 s, then 7.5 s each.
    expect(streams.length / 3).toBe(11);
    refusing.clear();
    feed.wake();
    await clock.pass(0);
    expect(feed.followed).toBe(A);
  });

  it('does not knock every second at servers that refuse its key', async () => {
    for (const server of [A, B, C]) refusing.set(server, 'KEY_WRONG');
    feed.start();
    await clock.pass(60_000);
    expect(streams.length / 3).toBeLessThan(6);
  });

  it('does not leave servers alone that may come back, because another one refuses its key', async () => {
    for (const server of [A, B]) refusing.set(server, 'PEER_UNREACHABLE');
    refusing.set(C, 'KEY_WRONG');
    feed.start();
    await clock.pass(0);
    expect(feed.error?.code).toBe('KEY_WRONG');
    refusing.delete(A);
    await clock.pass(1000);
    expect(feed.followed).toBe(A);
  });

  it('does not follow what it began to open for other servers, or for another key', async () => {
    refusing.set(A, 'hangs');
    feed.use([A]);
    feed.start();
    await clock.pass(100);
    feed.use([B]);
    await clock.pass(0);
    expect([feed.followed, streams[0]?.signal.aborted, told]).toEqual([B, true, ['live']]);
    refusing.set(B, 'hangs');
    newest().end();
    await clock.pass(100);
    refusing.clear();
    feed.use([B], true);
    await clock.pass(0);
    expect([opened(), feed.followed]).toEqual([[A, B, B, B], B]);
    expect(streams.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false]);
  });

  it('does not return to a stream that was opened with a key that holds no more', async () => {
    feed.start();
    await clock.pass(0);
    newest().end();
    await clock.pass(0);
    feed.offer(new Set([A]));
    feed.use([A, B, C], true);
    await clock.pass(0);
    const returned = streams[2] ?? expect.fail();
    expect([returned.server, returned.signal.aborted, feed.followed]).toEqual([A, true, A]);
    expect(opened()).toEqual([A, B, A, A]);
  });

  it('is no loop without a pause when streams end as soon as they begin', async () => {
    feed.use([A]);
    feed.start();
    for (let end = 0; end < 50; end += 1) {
      newest().end();
      await clock.pass(100);
    }
    expect(streams.length).toBeLessThan(8);
  });

  it('takes other servers, and begins anew with another key', async () => {
    feed.start();
    await clock.pass(0);
    feed.use([A, B, C]);
    await clock.pass(0);
    expect(opened()).toEqual([A]);
    feed.use([B, C]);
    await clock.pass(0);
    expect(feed.followed).toBe(B);
    await clock.pass(10_000);
    feed.use([B], true);
    await clock.pass(0);
    expect(opened()).toEqual([A, B, B]);
  });

  it('tells nothing after its end, also while it opens a stream', async () => {
    refusing.set(A, 'PEER_UNREACHABLE');
    refusing.set(B, 'PEER_UNREACHABLE');
    feed.start();
    await clock.pass(0);
    const { onMessage, signal } = newest();
    await feed.close();
    onMessage({ kind: 'image', data: '{}', id: 'c-1' });
    expect([told, signal.aborted, clock.timers]).toEqual([['live'], true, 0]);
  });
});
