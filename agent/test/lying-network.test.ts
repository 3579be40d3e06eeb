import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestFleet } from '#replication/testing/test-fleet.ts';
import { eventually, generatedPath, imageBytes, type TestServer } from '#replication/testing/test-server.ts';
import { flipped, LyingProxy, ofBatches, type Lie } from './support/lying-proxy.ts';

const SMALL = 6;
/** A batch of six small images and a large one that goes alone. */
const SIZES_BYTES = [...Array.from({ length: SMALL }, () => 300_000), 2_500_000];
const ALL = SIZES_BYTES.length;
/** Lies in the second or third of the small images, and in the large one. */
const MIDDLE = 700_000;
/** Lies in the first line of a batch's body, behind the head. */
const IN_FIRST_LINE = 40;
/** A peer that refuses is asked again after two seconds. */
const HEALED_WITHIN_MS = 20_000;
const PAGE = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>welcome</html>';

const fleet = new TestFleet();
let s1: TestServer;
let s2: TestServer;
let proxy: LyingProxy;
/** How each delivery ended, time after time: state and code. */
let ends: Map<string, string[]>;

beforeEach(async () => {
  // One second until a failed delivery is tried again: time to look at it.
  s1 = await fleet.server({ name: 's1', backoff: { first: '1s', cap: '1s' }, random: () => 0.99 });
  s2 = await fleet.server({ name: 's2' });
  await s2.openCatalog([]);
  proxy = await LyingProxy.start(s2.url);
  await s1.replicateTo({ name: 's2', url: proxy.url, key: s2.key });
  ends = new Map();
  s1.replicator.onSettled((settled) => {
    for (const one of settled) {
      if (one.state === 'superseded') continue;
      const end = one.state === 'delivered' ? one.state : `${one.state} ${one.cause?.code ?? ''}`;
      ends.set(one.path, [...(ends.get(one.path) ?? []), end]);
    }
  });
  await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
});

afterEach(async () => {
  await fleet.stop();
  await proxy.stop();
});

function makeImages(sizesBytes: readonly number[] = SIZES_BYTES): Map<string, Buffer> {
  return new Map(sizesBytes.map((sizeBytes, index) => [generatedPath(index), imageBytes(sizeBytes)]));
}

/** State and code -> how many deliveries came to it first. */
function firstEnds(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [first = ''] of ends.values()) counts[first] = (counts[first] ?? 0) + 1;
  return counts;
}

/** What s2 has of the images is whole; answers how many it has. */
async function wholeAtS2(images: ReadonlyMap<string, Buffer>): Promise<number> {
  let count = 0;
  for (const [path, bytes] of images) {
    const copy = await s2.read(path);
    if (copy === undefined) continue;
    expect(copy.equals(bytes)).toBe(true);
    count += 1;
  }
  return count;
}

async function expectHealed(images: ReadonlyMap<string, Buffer>): Promise<void> {
  await eventually('empty ledger', async () => (await s1.ledger()).length === 0, HEALED_WITHIN_MS);
  expect(await wholeAtS2(images)).toBe(images.size);
  await eventually('nothing left in the tmp area', async () => (await s2.leftovers()).length === 0);
  await eventually('up', () => s1.replicator.peers()[0]?.state === 'up');
}

interface Case {
  readonly what: string;
  readonly lie: Lie;
  readonly ends: Readonly<Record<string, number>>;
  readonly peer: 'up' | 'down';
  /** Images that s2 has nevertheless. */
  readonly stored?: number;
}

const CASES: readonly Case[] = [
  {
    what: 'stalls in the middle of a batch',
    lie: ofBatches({ request: (chunk, { requestBytes }) => (requestBytes > MIDDLE ? null : chunk) }),
    ends: { 'failed PEER_TIMEOUT': ALL },
    peer: 'up',
  },
  {
    what: 'passes nothing on any more, of whatever',
    lie: { request: () => null, answer: () => null },
    ends: { 'parked PEER_DOWN': ALL },
    peer: 'down',
  },
  {
    what: 'resets the connection in the middle of a batch',
    lie: ofBatches({
      request: (chunk, { client, server, requestBytes }) => {
        if (requestBytes <= MIDDLE) return chunk;
        client.resetAndDestroy();
        server.resetAndDestroy();
        return null;
      },
    }),
    ends: { 'failed PEER_UNREACHABLE': ALL },
    peer: 'up',
  },
  {
    what: 'swallows the answer, after the receiver has committed',
    lie: ofBatches({ answer: () => null }),
    ends: { 'failed PEER_TIMEOUT': ALL },
    peer: 'up',
    stored: ALL,
  },
  {
    what: 'cuts the answer short',
    lie: ofBatches({
      answer: (chunk, { client }) => {
        client.end(chunk.subarray(0, -20));
        return null;
      },
    }),
    ends: { 'failed PEER_UNREACHABLE': ALL },
    peer: 'up',
    stored: ALL,
  },
  {
    what: 'answers batches by itself, with 200 and a page',
    lie: ofBatches({
      request: (_, { client, requestBytes }) => {
        if (requestBytes === 0) client.write(PAGE);
        return null;
      },
    }),
    ends: { 'parked PEER_ANSWER_INVALID': ALL },
    peer: 'down',
    stored: 0,
  },
  {
    what: 'changes one bit of an answer',
    lie: ofBatches({ answer: (chunk) => flipped(chunk, chunk.length - 10) }),
    ends: { 'parked PEER_ANSWER_INVALID': ALL },
    peer: 'down',
    stored: ALL,
  },
  {
    what: 'changes one bit of an image in each batch',
    lie: ofBatches({ request: (chunk, { requestBytes }) => flipped(chunk, MIDDLE - requestBytes) }),
    ends: { 'failed DIGEST_MISMATCH': 2, delivered: SMALL - 1 },
    peer: 'up',
    stored: SMALL - 1,
  },
  {
    what: 'changes one bit of the list of what a batch holds',
    lie: ofBatches({
      request: (chunk, { requestBytes }) => {
        const endOfHead = requestBytes > 0 ? -1 : chunk.indexOf('\r\n\r\n');
        return endOfHead === -1 ? chunk : flipped(chunk, endOfHead + IN_FIRST_LINE);
      },
    }),
    ends: { 'parked PEER_KEY_WRONG': ALL },
    peer: 'down',
    stored: 0,
  },
];

describe('a network that', () => {
  it.each(CASES)('$what spoils nothing, costs a retry or parks with the right cause, and heals', async (one) => {
    const images = makeImages();
    proxy.lie = one.lie;
    await s1.acceptAll(images);
    await eventually('each delivery came to something', () => ends.size === ALL, HEALED_WITHIN_MS);
    const whole = await wholeAtS2(images);
    expect(firstEnds()).toEqual(one.ends);
    expect(s1.replicator.peers()).toMatchObject([{ state: one.peer }]);
    if (one.stored !== undefined) expect(whole).toBe(one.stored);
    proxy.beHonest();
    await expectHealed(images);
  });

  it('plays an old signed answer again is not believed: the image goes once the network is honest', async () => {
    let signed = Buffer.alloc(0);
    proxy.lie = ofBatches({ answer: (chunk) => (signed = Buffer.concat([signed, chunk])) });
    const before = new Map([[generatedPath(100), imageBytes()]]);
    await s1.acceptAll(before);
    await expectHealed(before);
    ends.clear();
    proxy.lie = ofBatches({
      request: (_, { client, requestBytes }) => {
        if (requestBytes === 0) client.write(signed);
        return null;
      },
    });
    const images = makeImages([2000]);
    await s1.acceptAll(images);
    await eventually('it came to something', () => ends.size === 1);
    expect(signed.toString('latin1')).toContain('"outcome":"stored"');
    expect(firstEnds()).toEqual({ 'parked PEER_ANSWER_INVALID': 1 });
    expect(await wholeAtS2(images)).toBe(0);
    proxy.beHonest();
    await expectHealed(images);
  });

  it('lies between clocks that are apart parks with CLOCK_SKEW, and heals by itself when they agree again', async () => {
    s2.clockOffsetMs = -600_000;
    const images = makeImages();
    await s1.acceptAll(images);
    await eventually('each delivery came to something', () => ends.size === ALL, HEALED_WITHIN_MS);
    expect(firstEnds()).toEqual({ 'parked CLOCK_SKEW': ALL });
    expect(await wholeAtS2(images)).toBe(0);
    s2.clockOffsetMs = 0;
    await expectHealed(images);
  });
});
