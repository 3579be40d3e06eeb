import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import { parseManifest } from '../batch-manifest.ts';
import { PeerClient } from '../peer-client.ts';
import { chunksOf } from '#store/testing/image-store-contract.ts';
import { generatedPath, imageBytes, TestServer } from '../testing/test-server.ts';
import { BUCKETS_PATH, ENTRIES_PATH, FETCH_PATH, ROOT_PATH, RUN_PATH } from './repair-messages.ts';
import { RepairPeer } from './repair-peer.ts';

let server: TestServer;
let client: PeerClient;

vi.setConfig({ testTimeout: 30_000 });

beforeEach(async () => {
  server = await TestServer.start({ name: 's2' });
  await server.openCatalog([]);
  client = clientWith(server.key);
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const within = (): AbortSignal => AbortSignal.timeout(5000);

function clientWith(securityKey: string): PeerClient {
  const peer = { name: 's2', url: server.url, securityKey };
  return new PeerClient({ peer, self: () => ({ id: 'asker', name: 's1' }), now: Date.now, stallMs: 2000 });
}

async function store(path: string, bytes: Buffer): Promise<PresentRecord> {
  const { stagingName, sha256, sizeBytes } = await server.store.stage(chunksOf(bytes), { maxBytes: bytes.length });
  await server.store.publish(stagingName, path as never);
  const version = formatVersion({ wallMs: 1_763_900_000_000, counter: 0 }, 'x');
  const fields = { mediaType: 'image/png', originalName: 'a.png', createdAt: 1 };
  const record = { kind: 'present' as const, path, version, sha256, sizeBytes, ...fields };
  await server.catalog.merge([{ record, stagingName: null }], Date.now());
  return record;
}

/** Lets the server answer and changes the bytes on their way. */
function tamper(change: (chunk: Buffer) => Buffer): void {
  server.intercept = (_request: IncomingMessage, response: ServerResponse) => {
    const write = response.write.bind(response) as (chunk: Buffer) => boolean;
    response.write = ((chunk: Buffer) => write(change(Buffer.from(chunk)))) as typeof response.write;
    return false;
  };
}

describe('fetching an image from a peer', () => {
  it('gives its record, signed, and exactly its bytes', async () => {
    const bytes = imageBytes(300_000);
    const record = await store('a/首页.png', bytes);
    const answer = await new RepairPeer('s2', client).fetch([record], within());
    expect(parseManifest(answer.line).entries).toEqual([record]);
    expect((await answer.decoder.bytes(record.sizeBytes)).equals(bytes)).toBe(true);
    await answer.decoder.finish();
    answer.close();
  });

  it('leaves out what is not here in that version, and what is no path at all', async () => {
    const { path, version } = await store(generatedPath(1), imageBytes());
    const items = [
      { path, version: `${version}x` },
      { path: '../etc/passwd', version },
      { path: generatedPath(2), version },
    ];
    const answer = await new RepairPeer('s2', client).fetch(items, within());
    expect(parseManifest(answer.line).entries).toEqual([]);
    answer.close();
  });

  it('believes no head that was changed on its way', async () => {
    const record = await store(generatedPath(1), imageBytes());
    tamper((chunk) => Buffer.from(chunk.toString('latin1').replace('image/png', 'image/gif'), 'latin1'));
    await expect(new RepairPeer('s2', client).fetch([record], within())).rejects.toMatchObject({
      code: 'PEER_ANSWER_INVALID',
    });
  });

  it('is refused with the wrong key', async () => {
    const stranger = clientWith('another key');
    const asking = stranger.stream(FETCH_PATH, { items: [{ path: 'a.png', version: 'x' }] }, within());
    await expect(asking).rejects.toMatchObject({ code: 'PEER_KEY_WRONG' });
    stranger.close();
  });

  it.each([
    ['no items', { items: [] }],
    ['too many items', { items: Array.from({ length: 65 }, () => ({ path: 'a', version: 'x' })) }],
    ['something else', 7],
  ])('refuses %s, and says so signed', async (_name, question) => {
    await expect(client.stream(FETCH_PATH, question, within())).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  });
});

describe('the questions of a comparison', () => {
  it.each([
    [ROOT_PATH, {}],
    [BUCKETS_PATH, { view: { untilMs: null, tombstonesFromMs: 0 }, day: '../..' }],
    [
      ENTRIES_PATH,
      { view: { untilMs: null, tombstonesFromMs: 0 }, day: 'named', buckets: [256], after: '', upTo: null },
    ],
  ])('are refused in another form: %s', async (path, question) => {
    await expect(client.question(path, question, within())).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
  });

  it('are answered in few bytes', async () => {
    const record = await store('a.png', imageBytes());
    const view = { untilMs: null, tombstonesFromMs: 0 };
    const peer = new RepairPeer('s2', client);
    expect(await peer.root(view, within())).toMatchObject({ records: 1, images: 1, bytes: record.sizeBytes });
    const buckets = await peer.buckets(view, 'named', within());
    expect(buckets).toHaveLength(256);
    const bucket = buckets.findIndex((digest) => digest !== '0'.repeat(16));
    const range = { view, day: 'named', buckets: [bucket], after: '', upTo: null };
    const page = await peer.entries(range, within());
    const hash = Buffer.from(page.settled).toString('hex');
    expect(await peer.records({ ...range, hashes: [hash] }, within())).toEqual([record]);
  });

  it('do not let a stranger make this server compare', async () => {
    await expect(client.question(RUN_PATH, {}, within())).rejects.toMatchObject({ code: 'SERVER_UNKNOWN' });
  });

  it('do not remember a run that was never asked for', async () => {
    const status = await new RepairPeer('s2', client).runStatus('never', within());
    expect(status).toMatchObject({ state: 'unknown', pulled: 0 });
  });
});
