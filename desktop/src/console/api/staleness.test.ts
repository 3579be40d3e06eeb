import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QUERY } from './queries.ts';
import { Staleness } from './staleness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two answers on a page; each new question is counted, and answered after so many milliseconds. */
async function start(answerMs: number) {
  const client = new QueryClient();
  const asked: Record<string, number> = {};
  for (const name of [QUERY.servers, QUERY.images]) {
    asked[name] = 0;
    const queryFn = async (): Promise<number> => {
      asked[name] = (asked[name] ?? 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      return asked[name];
    };
    new QueryObserver(client, { queryKey: [name, 'more'], queryFn, staleTime: Infinity }).subscribe(() => undefined);
  }
  await vi.advanceTimersByTimeAsync(answerMs);
  return { client, asked, staleness: new Staleness(client) };
}

it('asks once for what thousands of events make old, and for nothing else', async () => {
  const { asked, staleness } = await start(10);
  for (let count = 0; count < 3000; count += 1) staleness.add('server');
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual({ servers: 2, images: 1 });
});

it('lets an answer come before it asks anew, however events go on', async () => {
  const { client, asked, staleness } = await start(1000);
  for (let ms = 0; ms < 4000; ms += 100) {
    staleness.add('server');
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(client.getQueryData([QUERY.servers, 'more'])).toBeGreaterThanOrEqual(3);
  expect(asked[QUERY.servers]).toBeLessThanOrEqual(5);
});

it('asks for nothing after it was stopped', async () => {
  const { asked, staleness } = await start(10);
  staleness.add('image');
  staleness.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual({ servers: 1, images: 1 });
});
