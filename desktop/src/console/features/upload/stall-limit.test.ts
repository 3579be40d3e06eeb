import { expect, it } from 'vitest';
import type { ImageUpload } from '#console/api/host.ts';
import { ANSWER_MS, STALL_MS, withStallLimit } from './stall-limit.ts';
import { FakeFleet } from './testing/fake-fleet.ts';

function hanging(): { fleet: FakeFleet; sent: ImageUpload[]; outcome: Promise<unknown> } {
  const fleet = new FakeFleet();
  const sent: ImageUpload[] = [];
  const upload = withStallLimit((one) => {
    sent.push(one);
    return new Promise(() => undefined);
  }, fleet.ports.setTimer);
  const { signal } = new AbortController();
  const file = new Blob(['1234567890']);
  const outcome = upload({ file, name: 'a.png', id: 'x', signal, onProgress: () => undefined });
  return { fleet, sent, outcome: outcome.catch((error: unknown) => error) };
}

it('ends an upload in which nothing moves, as a lost line that is tried again', async () => {
  const { fleet, sent, outcome } = hanging();
  await fleet.advance(STALL_MS);
  expect(await outcome).toMatchObject({ code: 'PEER_TIMEOUT', isRetryable: true });
  expect(sent[0]?.signal.aborted).toBe(true);
});

it('lets one go on that is only slow', async () => {
  const { fleet, sent } = hanging();
  for (let bytes = 1; bytes < 9; bytes += 1) {
    await fleet.advance(STALL_MS - 1);
    sent[0]?.onProgress(bytes);
  }
  expect(sent[0]?.signal.aborted).toBe(false);
  // The same number again is no progress.
  await fleet.advance(STALL_MS - 1);
  sent[0]?.onProgress(8);
  await fleet.advance(1);
  expect(sent[0]?.signal.aborted).toBe(true);
});

it('waits longer for the answer than for a byte', async () => {
  const { fleet, sent } = hanging();
  sent[0]?.onProgress(10);
  await fleet.advance(ANSWER_MS - 1);
  expect(sent[0]?.signal.aborted).toBe(false);
  await fleet.advance(1);
  expect(sent[0]?.signal.aborted).toBe(true);
});

it('passes an upload through that succeeds, and leaves no timer behind', async () => {
  const fleet = new FakeFleet();
  const upload = withStallLimit(fleet.ports.upload, fleet.ports.setTimer);
  const { signal } = new AbortController();
  const image = await upload({ file: new Blob(['x']), name: 'a.png', id: 'x', signal, onProgress: () => undefined });
  expect(image.originalName).toBe('a.png');
  await fleet.advance(ANSWER_MS * 2);
  expect(signal.aborted).toBe(false);
});

it('hands on the wish to end it, also one that came before', async () => {
  const fleet = new FakeFleet();
  const seen: boolean[] = [];
  const upload = withStallLimit((one) => {
    seen.push(one.signal.aborted);
    return new Promise((_resolve, reject) => {
      one.signal.addEventListener('abort', () => reject(one.signal.reason as Error));
      if (one.signal.aborted) reject(one.signal.reason as Error);
    });
  }, fleet.ports.setTimer);
  const start = (signal: AbortSignal): Promise<unknown> => {
    const sent = { file: new Blob(['x']), name: 'a.png', id: 'x', signal, onProgress: () => undefined };
    return upload(sent).catch((error: unknown) => error);
  };
  const end = new AbortController();
  const outcome = start(end.signal);
  const wish = new Error('enough');
  end.abort(wish);
  expect([await outcome, await start(end.signal), seen]).toEqual([wish, wish, [false, true]]);
});
