import { rm, truncate } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import type { OperatorHandlers } from '@imagefleet/shared/common/operator/operator-api.ts';
import { answerQuestion } from './answer-question.ts';
import { encodeBatch, type EncodedBatch, type EntryBody } from './batch-encoder.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { PeerClient } from './peer-client.ts';
import { eventually, generatedPath, imageBytes, sha256Of, TestServer } from './testing/test-server.ts';
import { wholeOf } from './testing/whole-batch.ts';

let receiver: TestServer;
let client: PeerClient;

// Real disks and sockets.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(async () => {
  receiver = await TestServer.start({ name: 's2' });
  await receiver.openCatalog([]);
  client = clientOf(receiver);
});

afterEach(async () => {
  client.close();
  await receiver.stop();
});

function clientOf(server: TestServer): PeerClient {
  const peer = { name: server.name, url: server.url, securityKey: server.key };
  return new PeerClient({ peer, self: () => ({ id: 'sender', name: 's1' }), now: Date.now, stallMs: 20_000 });
}

interface Entry {
  readonly record: ImageRecord;
  readonly body: EntryBody | null;
}

function entry(path: string, bytes: Buffer, at = 1000): Entry {
  const version = formatVersion({ wallMs: at, counter: 0 }, 'sender');
  const fields = { sizeBytes: bytes.length, mediaType: 'image/png', originalName: 'a.png', createdAt: 1 };
  return {
    record: { kind: 'present', path, version, sha256: sha256Of(bytes), ...fields },
    body: Buffer.from(Uint8Array.from(bytes)),
  };
}

async function push(...entries: readonly Entry[]): Promise<readonly string[]> {
  const outcomes = await client.push(encodeBatch(entries), entries.length, AbortSignal.timeout(5000));
  return outcomes.map((one: EntryOutcome) => (one.outcome === 'error' ? one.error.code : one.outcome));
}

describe('the receiver of a batch', () => {
  it('stores each entry for itself: a bad one never loses the good ones', async () => {
    const good = imageBytes();
    const damaged = { ...entry(generatedPath(2), imageBytes()), body: Buffer.from(Uint8Array.from(imageBytes())) };
    const large = entry(generatedPath(3), imageBytes(2_000_000));
    const outcomes = await push(
      entry(generatedPath(1), good),
      ...[damaged, entry('../etc/passwd.png', imageBytes()), entry('a.exe', imageBytes()), large],
      ...[entry(generatedPath(4), Buffer.alloc(0)), entry(generatedPath(1), imageBytes())],
      { ...large, record: { ...large.record, path: generatedPath(5), version: 'no version' } },
      entry('banners/a.png', good),
    );
    expect(outcomes).toEqual([
      ...['stored', 'DIGEST_MISMATCH', 'PATH_INVALID', 'PATH_INVALID', 'stored'],
      ...['EMPTY_FILE', 'INPUT_INVALID', 'INPUT_INVALID', 'stored'],
    ]);
    expect((await receiver.read(generatedPath(1)))?.equals(good)).toBe(true);
    expect(await receiver.catalog.countImages()).toBe(3);
    expect(await receiver.leftovers()).toEqual([]);
  });

  it('answers "already" to what it has and "older" to what is past, and writes neither', async () => {
    const [first, second] = [imageBytes(), imageBytes()];
    expect(await push(entry('b/a.png', second, 2000))).toEqual(['stored']);
    expect(await push(entry('b/a.png', second, 2000))).toEqual(['already']);
    expect(await push(entry('b/a.png', first, 1000))).toEqual(['older']);
    expect((await receiver.read('b/a.png'))?.equals(second)).toBe(true);
    expect(await receiver.leftovers()).toEqual([]);
  });

  it.each([
    ['is missing', (file: string) => rm(file)],
    ['was cut short', (file: string) => truncate(file, 10)],
  ])('takes the bytes again that its record makes superfluous when its own file %s', async (_, harm) => {
    const bytes = imageBytes();
    for (const path of [generatedPath(1), 'b/a.png']) {
      // The same version once more, a newer record of the same bytes, and an older one.
      for (const [at, outcome] of [
        [2000, 'already'],
        [3000, 'stored'],
        [1000, 'older'],
      ] as const) {
        await push(entry(path, bytes, 2000));
        await harm(receiver.fileOf(path));
        expect(await push(entry(path, bytes, at))).toEqual([outcome]);
        expect((await receiver.read(path))?.equals(bytes)).toBe(true);
      }
    }
    expect(await receiver.leftovers()).toEqual([]);
  });

  it('does not answer "already" when the missing bytes cannot be put back', async () => {
    await push(entry('b/a.png', imageBytes(), 2000));
    const again = entry('b/a.png', (await receiver.read('b/a.png')) ?? Buffer.of(), 2000);
    await rm(receiver.fileOf('b/a.png'));
    const publish = vi.spyOn(receiver.store, 'publish').mockRejectedValue(new FleetError('IO_FAILED', 'EIO'));
    expect(await push(again)).toEqual(['IO_FAILED']);
    publish.mockRestore();
    expect(await receiver.leftovers()).toEqual([]);
  });

  it('takes a newer version over the old bytes, and keeps those in the trash', async () => {
    const newer = imageBytes();
    await push(entry('b/a.png', imageBytes(), 1000));
    expect(await push(entry('b/a.png', newer, 2000))).toEqual(['stored']);
    expect((await receiver.read('b/a.png'))?.equals(newer)).toBe(true);
    expect(await receiver.catalog.find('b/a.png')).toMatchObject({ sha256: sha256Of(newer), stagingName: null });
    expect(await receiver.trashed()).toHaveLength(1);
  });

  it('takes over a newer record with the same bytes without writing them again', async () => {
    const bytes = imageBytes();
    await push(entry(generatedPath(1), bytes, 1000));
    let stagings = 0;
    const stage = receiver.store.stageWhole.bind(receiver.store);
    receiver.store.stageWhole = (...args) => {
      stagings += 1;
      return stage(...args);
    };
    expect(await push(entry(generatedPath(1), bytes, 2000))).toEqual(['stored']);
    expect(stagings).toBe(0);
    expect((await receiver.catalog.find(generatedPath(1)))?.version).toContain((2000).toString(16));
  });

  it('ends with the newer of two spellings of a path, whichever came first, and loses the bytes of neither', async () => {
    const [older, newer] = [imageBytes(), imageBytes()];
    await push(entry('b/a.png', older, 1000));
    expect(await push(entry('b/A.png', newer, 2000))).toEqual(['stored']);
    expect(await push(entry('b/a.png', imageBytes(), 1500))).toEqual(['older']);
    expect((await receiver.read('b/A.png'))?.equals(newer)).toBe(true);
    expect(await receiver.catalog.find('b/A.png')).toMatchObject({ sha256: sha256Of(newer), stagingName: null });
    expect(await receiver.catalog.find('b/a.png')).toBeUndefined();
    expect(await receiver.catalog.countImages()).toBe(1);
    expect(await receiver.read('b/a.png')).toBeUndefined();
    const [kept = ''] = await receiver.trashed();
    expect((await receiver.read(`../trash/${kept}`))?.equals(older)).toBe(true);
    expect(await receiver.leftovers()).toEqual([]);
  });

  it('refuses a version from the future, for that entry alone', async () => {
    const future = entry(generatedPath(1), imageBytes(), Date.now() + 3_600_000);
    expect(await push(future, entry(generatedPath(2), imageBytes()))).toEqual(['VERSION_AHEAD', 'stored']);
  });

  it('answers entry by entry when the disk fails for one of them', async () => {
    const stage = receiver.store.stageWhole.bind(receiver.store);
    receiver.store.stageWhole = async (bytes) => {
      if (bytes.length === 777) throw new Error('EIO');
      return stage(bytes);
    };
    expect(await push(entry(generatedPath(1), imageBytes(777)), entry(generatedPath(2), imageBytes()))).toEqual([
      'INTERNAL',
      'stored',
    ]);
  });

  it('finishes an overwrite at the next start when the rename fails after the commit', async () => {
    await push(entry('b/a.png', imageBytes(), 1000));
    const publish = receiver.store.publish.bind(receiver.store);
    receiver.store.publish = () => Promise.reject(new Error('EIO'));
    const newer = imageBytes();
    expect(await push(entry('b/a.png', newer, 2000))).toEqual(['stored']);
    receiver.store.publish = publish;
    const [staged] = await receiver.catalog.listStaged();
    expect(staged).toMatchObject({ path: 'b/a.png', sha256: sha256Of(newer) });
    expect(await receiver.leftovers()).toEqual([staged?.stagingName]);
  });

  it('lets two senders push the same path at the same time, and ends with the newest', async () => {
    const versions = Array.from({ length: 8 }, (_, index) => ({ bytes: imageBytes(), at: 1000 + index }));
    await Promise.all(versions.map(({ bytes, at }) => push(entry('b/a.png', bytes, at))));
    const newest = versions.at(-1)?.bytes ?? Buffer.alloc(0);
    expect((await receiver.read('b/a.png'))?.equals(newest)).toBe(true);
    expect(await receiver.catalog.find('b/a.png')).toMatchObject({ sha256: sha256Of(newest), stagingName: null });
    expect(await receiver.leftovers()).toEqual([]);
  });

  it('makes no deliveries of its own of what it receives', async () => {
    await push(entry(generatedPath(1), imageBytes()));
    expect(await receiver.ledger()).toEqual([]);
  });

  it('refuses 20 MB for its full disk before it takes them, and the sender reads why', async () => {
    receiver.store.freeBytes = 0;
    const stage = receiver.store.stage.bind(receiver.store);
    receiver.store.stage = () => Promise.reject(new Error('must not be called'));
    await expect(push(entry(generatedPath(1), imageBytes(20_000_000)))).rejects.toMatchObject({
      code: 'PEER_DISK_FULL',
    });
    receiver.store.stage = stage;
    receiver.store.freeBytes = 1e12;
    expect(await push(entry(generatedPath(1), imageBytes()))).toEqual(['stored']);
  });

  it('keeps what arrived whole of a batch that broke, and nothing of the rest', async () => {
    const entries = [entry(generatedPath(1), imageBytes()), entry(generatedPath(2), imageBytes(2_000_000))];
    const whole = encodeBatch(entries);
    const sizeBytes = whole.sizeBytes - 1_000_000;
    const pushed = client.push({ ...whole, sizeBytes, body: cutBody(whole, sizeBytes) }, 2, AbortSignal.timeout(5000));
    await expect(pushed).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
    expect(await receiver.read(generatedPath(1))).toBeDefined();
    expect(await receiver.catalog.countImages()).toBe(1);
    expect(await receiver.leftovers()).toEqual([]);
  });
});

describe('the peer endpoint', () => {
  it('says hello with its name and id', async () => {
    expect(await client.hello(AbortSignal.timeout(5000))).toEqual({ name: 's2', serverId: receiver.catalog.serverId });
  });

  it.each([
    ['/peer/v1/batch', '{}\n', 401, 'PEER_KEY_WRONG'],
    ['/peer/v1/batch', 'no line end', 400, 'BODY_MALFORMED'],
    ['/peer/v1/other', '{}\n', 404, 'NOT_FOUND'],
    ['/peer/v1/hello', '', 400, 'BODY_MALFORMED'],
  ])('refuses an unsigned request to %s (%j) with %i %s, without signing', async (path, body, status, code) => {
    const answer = await fetch(receiver.url + path, { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-imagefleet-signature')).toBeNull();
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  it('takes POST only', async () => {
    expect((await fetch(`${receiver.url}/peer/v1/batch`)).status).toBe(405);
  });

  it('lets a sender that has written 10 MB without a signature read its refusal', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${receiver.url}/peer/v1/batch`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write('{}\n');
      request.end(Buffer.alloc(10_000_000));
    });
    expect(status).toBe(401);
  });

  it('stops with the batch that is under way stored, and refuses new ones as shutting down', async () => {
    const gate = Promise.withResolvers<undefined>();
    const stage = receiver.store.stageWhole.bind(receiver.store);
    let isStaging = false;
    receiver.store.stageWhole = async (bytes) => {
      isStaging = true;
      await gate.promise;
      return stage(bytes);
    };
    const pushed = push(entry(generatedPath(1), imageBytes()));
    await eventually('staging', () => isStaging);
    const stopped = receiver.stopEndpoint();
    await expect(push(entry(generatedPath(2), imageBytes()))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    gate.resolve(undefined);
    expect(await pushed).toEqual(['stored']);
    await stopped;
  });

  it('answers only questions that peers may ask', async () => {
    const forbidden = answerQuestion({ method: 'deleteImage', input: {} }, {} as OperatorHandlers);
    await expect(forbidden).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
    const bad = client.ask('listImages', { limit: -1 }, AbortSignal.timeout(5000));
    await expect(bad).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

/** The first bytes of a batch, as a body that ends there. */
function cutBody(batch: EncodedBatch, sizeBytes: number): EncodedBatch['body'] {
  const cut = async function* (): AsyncGenerator<Uint8Array> {
    yield (await wholeOf(batch)).subarray(0, sizeBytes);
  };
  return () => Readable.from(cut(), { objectMode: false });
}
