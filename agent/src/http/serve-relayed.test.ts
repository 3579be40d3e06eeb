import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { ReadThroughDeps } from '#services/read-through.ts';
import { aRecord } from '#store/testing/catalog-builders.ts';
import { rawRequest } from './testing/raw-client.ts';
import { startTestAgent, type TestAgent } from './testing/test-agent.ts';

const LARGE = pngImage({ seed: 2, sizeBytes: 3_000_000 });
const VERSION = formatVersion({ wallMs: 1_763_900_000_000, counter: 0 }, 'other');

describe('an image that this server has no room for', () => {
  const record = aRecord('a/b.png', VERSION, { sizeBytes: LARGE.length, mediaType: 'image/png' });
  const full = { kind: 'notKept' as const, record, from: ['s2'], cause: new FleetError('DISK_FULL', 'no room') };
  let agent: TestAgent;
  let relay: ReadThroughDeps['relay'];

  beforeEach(async () => {
    relay = (_copy, { start, end }) => Promise.resolve(LARGE.subarray(start, end + 1));
    agent = await startTestAgent({
      ...{ logger: silentLogger, fetchCopy: () => Promise.resolve(full) },
      relay: (...given) => relay(...given),
    });
  });

  afterEach(() => agent.stop());

  const get = (init: RequestInit = {}): Promise<Response> => fetch(`${agent.url}/a/b.png`, init);

  it.each([
    ['in one piece', (bytes: Buffer) => bytes],
    ['as a stream', (bytes: Buffer) => Readable.from([bytes], { objectMode: false })],
  ])('is handed through %s, whole and by range', async (_how, form) => {
    relay = (_copy, { start, end }) => Promise.resolve(form(LARGE.subarray(start, end + 1)));
    const whole = await get();
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      ...{ 'content-type': 'image/png', 'content-length': String(LARGE.length), etag: `"${record.sha256}"` },
      'cache-control': 'no-cache',
    });
    expect(Buffer.from(await whole.arrayBuffer()).equals(LARGE)).toBe(true);
    const range = await get({ headers: { range: 'bytes=1000000-1000009' } });
    expect([range.status, range.headers.get('content-range')]).toEqual([
      206,
      `bytes 1000000-1000009/${String(LARGE.length)}`,
    ]);
    expect(Buffer.from(await range.arrayBuffer()).equals(LARGE.subarray(1_000_000, 1_000_010))).toBe(true);
  });

  it('costs no peer anything for HEAD, for who has the bytes, and outside the image', async () => {
    relay = () => Promise.reject(new Error('nobody asked for bytes'));
    const head = await get({ method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(LARGE.length)]);
    const condition = `If-None-Match: "${record.sha256}"`;
    expect((await rawRequest(agent.port, { head: `GET /a/b.png HTTP/1.1\r\n${condition}` })).status).toBe(304);
    expect((await get({ headers: { range: 'bytes=99999999-' } })).status).toBe(416);
  });

  it('is cut where its bytes turn out to be wrong, so that nobody takes a part for the whole', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield LARGE.subarray(0, 100_000);
      await Promise.resolve();
      throw new FleetError('DIGEST_MISMATCH', 'wrong');
    }
    relay = () => Promise.resolve(Readable.from(broken(), { objectMode: false }));
    const answer = await get();
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it('is an error of the peer when none of those that have it gives it', async () => {
    relay = () => Promise.reject(new FleetError('PEER_TIMEOUT', 'late'));
    const answer = await get();
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'PEER_TIMEOUT' }]);
  });
});
