import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, startTestAgent, type TestAgent } from '../testing/test-agent.ts';

describe('GET /api/v1/events', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await startTestAgent();
  });

  afterEach(() => agent.stop());

  /** Reads the stream until `count` events have come, then hangs up. */
  const listen = async (
    count: number,
    headers: Record<string, string> = {},
    onOpen: () => void = () => undefined,
    query = '',
  ): Promise<string[]> => {
    const aborter = new AbortController();
    const response = await fetch(`${agent.url}/api/v1/events${query}`, {
      headers: { authorization: `Bearer ${KEY}`, ...headers },
      signal: aborter.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      if (text === '') onOpen();
      text += chunk;
      if (text.split('\n\n').filter((block) => block.startsWith('id:')).length >= count) break;
    }
    aborter.abort();
    return text.split('\n\n').filter((block) => block.startsWith('id:'));
  };

  it('sends what happens from now on', async () => {
    agent.events.publish('server', 's2', { state: 'up' });
    const blocks = await listen(1, {}, () => {
      agent.events.publish('delivery', 'a.png s2', { state: 'delivered' });
    });
    expect(blocks).toEqual([
      expect.stringMatching(/^id: e1-2\nevent: delivery\ndata: \{"key":"a\.png s2","at":\d+,"state":"delivered"\}$/),
    ]);
  });

  it('tells of each image that is stored, once', async () => {
    const put = (): Promise<Response> =>
      fetch(`${agent.url}/api/v1/images/a.png`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${KEY}` },
        body: new Uint8Array(pngImage({ seed: 1 })),
      });
    await put();
    await put();
    // Of a kind that waits its turn: an urgent one might go out before the image, and then has no id.
    const blocks = await listen(2, { 'last-event-id': 'e0-0' }, () => {
      agent.events.publish('delivery', 's2', {});
    });
    expect(blocks.map((block) => /"key":"([^"]*)"/.exec(block)?.[1])).toEqual(['a.png', 's2']);
  });

  it('tells how far a replay has come that an operator asked for', async () => {
    agent.replication.replayOutcome = { ids: [1, 2], unreachable: [] };
    const blocks = await listen(1, {}, () => {
      void fetch(`${agent.url}/api/v1/deliveries/replay`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ all: true }),
      });
    });
    expect(blocks[0]).toMatch(/^id: e1-1\nevent: progress\n.*"kind":"replay".*"total":2,"delivered":0,"failed":0\}$/);
  });

  it('goes on after the last event that was heard', async () => {
    for (const key of ['a', 'b', 'c']) agent.events.publish('image', key, {});
    const blocks = await listen(2, { 'last-event-id': 'e1-1' });
    expect(blocks.map((block) => block.split('\n')[0])).toEqual(['id: e1-2', 'id: e1-3']);
  });

  it('goes on as well after an event that the address names, unless the header names a newer one', async () => {
    for (const key of ['a', 'b', 'c']) agent.events.publish('image', key, {});
    const idsOf = (blocks: readonly string[]) => blocks.map((block) => block.split('\n')[0]);
    const query = '?lastEventId=e1-1';
    expect(idsOf(await listen(2, {}, undefined, query))).toEqual(['id: e1-2', 'id: e1-3']);
    expect(idsOf(await listen(1, { 'last-event-id': 'e1-2' }, undefined, query))).toEqual(['id: e1-3']);
  });

  it('pings from the beginning and then as often as it says, without an id, so that silence means something', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const aborter = new AbortController();
    try {
      const response = await fetch(`${agent.url}/api/v1/events`, {
        headers: { authorization: `Bearer ${KEY}` },
        signal: aborter.signal,
      });
      const heard: string[] = [];
      for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        heard.push(chunk);
        if (heard.length === 3) break;
        vi.advanceTimersByTime(15_000);
      }
      const ping = 'event: ping\ndata: {"everyMs":15000}\n\n';
      expect(heard).toEqual([`retry: 2000\n\n${ping}`, ping, ping]);
    } finally {
      aborter.abort();
      vi.useRealTimers();
    }
  });

  it('ends its listeners when it stops, so that the server need not wait for them', async () => {
    const response = await fetch(`${agent.url}/api/v1/events`, { headers: { authorization: `Bearer ${KEY}` } });
    agent.events.stop();
    expect(await response.text()).toContain('retry:');
  });

  it('asks for the key', async () => {
    expect((await fetch(`${agent.url}/api/v1/events`)).status).toBe(401);
  });
});
