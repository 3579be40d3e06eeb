import { appendFile, mkdtemp, readdir, readlink, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerJson,
  readBody,
  startStubServer,
  type StubHandler,
  type StubServer,
} from '@imagefleet/shared/testing/stub-server.ts';
import type { SentItem, SentOutcome } from '#engine/queue/upload-ports.ts';
import { startReceivingServer, storedEntry, type ReceivedPart } from '#engine/testing/receiving-server.ts';
import { sentFile, sentItem, stampOf } from '#engine/testing/sent-items.ts';
import { RequestSender, type RequestSenderOptions } from './request-sender.ts';

describe('the sender of many files', () => {
  let dir: string;
  let server: StubServer | undefined;
  let sender: RequestSender | undefined;
  let sent: Map<number, number>;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    sent = new Map();
  });
  afterEach(async () => {
    sender?.close();
    await server?.close();
    // The last read of a request that was cut may still be under way.
    await expect.poll(openFiles).toEqual([]);
    await rm(dir, { recursive: true });
  });

  const file = (name: string, content: string | Uint8Array = `bytes of ${name}`): Promise<SentItem> =>
    sentFile(dir, name, content);

  /** Descriptors of this process that lead into the folder of the test. */
  async function openFiles(): Promise<readonly string[]> {
    const links = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    return links.filter((link) => link.startsWith(dir));
  }

  function send(
    items: readonly SentItem[],
    options: Partial<RequestSenderOptions> & { url?: string; signal?: AbortSignal } = {},
  ): Promise<readonly SentOutcome[]> {
    sender = new RequestSender({ key: 'K', connections: 2, ...options });
    return sender.send(items, {
      server: options.url ?? server?.url ?? '',
      signal: options.signal ?? new AbortController().signal,
      onBytes: (key, bytes) => sent.set(key, (sent.get(key) ?? 0) + bytes),
    });
  }

  it('sends each file behind its id in one request of known length, and reads its outcome', async () => {
    const items = [
      await file('a.png'),
      await file('图 "2".png', Buffer.alloc(300_000, 7)),
      await file('empty.png', ''),
    ];
    let headers: Record<string, unknown> = {};
    const received: (readonly ReceivedPart[])[] = [];
    server = await startReceivingServer(received);
    server.server.prependListener('request', (request) => (headers = request.headers));
    const outcomes = await send(items);
    expect(outcomes).toEqual(
      items.map(({ key, id, sha256 }) => ({
        ...{ key, kind: 'stored', sha256, isAsQueued: true },
        image: { path: `${id}.png`, link: `http://i/${id}.png` },
      })),
    );
    expect(received).toHaveLength(1);
    expect(received[0]?.map(({ id, sha256 }) => [id, sha256])).toEqual(items.map(({ id, sha256 }) => [id, sha256]));
    expect(received[0]?.[0]?.name).toBe('a.png');
    expect(received[0]?.[1]?.name).toContain('图');
    expect(headers['authorization']).toBe('Bearer K');
    expect(headers['transfer-encoding']).toBeUndefined();
    expect([...sent.values()]).toEqual([items[0]?.sizeBytes, 300_000]);
  });

  it('has one file open at a time, whatever the request has of them', async () => {
    const items = await Promise.all(Array.from({ length: 40 }, (_, index) => file(`${String(index)}.png`)));
    server = await startReceivingServer([]);
    const open: number[] = [];
    const outcomes = await send(items, {
      take: async (bytes) => {
        open.push((await openFiles()).length);
        return bytes;
      },
    });
    expect(outcomes.every(({ kind }) => kind === 'stored')).toBe(true);
    expect(open).toEqual(Array<number>(40).fill(1));
  });

  it('says when what arrived is not what was queued', async () => {
    const item = { ...(await file('a.png')), sha256: 'b'.repeat(64) };
    server = await startReceivingServer([]);
    const [outcome] = await send([item]);
    expect(outcome).toMatchObject({ kind: 'stored', isAsQueued: false });
    expect(outcome).not.toMatchObject({ sha256: item.sha256 });
  });

  it.each([
    ['is gone', (item: SentItem) => rm(item.file), 'FILE_MISSING'],
    ['has another size', (item: SentItem) => appendFile(item.file, 'x'), 'FILE_CHANGED'],
  ])('sends the others when one %s before the request begins', async (_, change, code) => {
    const items = [await file('a.png'), await file('b.png'), await file('c.png')];
    const received: (readonly ReceivedPart[])[] = [];
    server = await startReceivingServer(received);
    await change(items[1] ?? sentItem());
    const outcomes = await send(items);
    expect(outcomes.map(({ key }) => key)).toEqual(items.map(({ key }) => key));
    expect(outcomes).toMatchObject([{ kind: 'stored' }, { kind: 'refused', code }, { kind: 'stored' }]);
    expect(received[0]?.map(({ name }) => name)).toEqual(['a.png', 'c.png']);
  });

  it('makes no request when no file is left', async () => {
    const item = await file('a.png');
    server = await startReceivingServer([]);
    await rm(item.file);
    expect(await send([item])).toMatchObject([{ kind: 'refused', code: 'FILE_MISSING' }]);
    expect(server.requests).toEqual([]);
  });

  it('asks for the others again when a file fails in the middle, and the server keeps none of them', async () => {
    const items = [await file('a.png'), await file('b.png'), await file('c.png')];
    const [first, second] = items;
    const bodies: string[] = [];
    server = await startStubServer(async (request) => {
      bodies.push(await readBody(request).then(String, () => 'cut'));
    });
    const outcomes = await send(items, {
      take: async (bytes) => {
        await rm(second?.file ?? '', { force: true });
        return bytes;
      },
    });
    expect(outcomes).toEqual([
      { key: first?.key, kind: 'unsent', maxFiles: undefined },
      {
        key: second?.key,
        kind: 'refused',
        code: 'FILE_MISSING',
        message: `${second?.file ?? ''} is not there any more`,
      },
      { key: items[2]?.key, kind: 'unsent', maxFiles: undefined },
    ]);
    await expect.poll(() => bodies).toEqual(['cut']);
  });

  describe('reads the answer to a whole request', () => {
    const answers =
      (status: number, body: unknown, retryAfter?: string): StubHandler =>
      async (request, response) => {
        await readBody(request);
        if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
        answerJson(response, status, body);
      };
    const error = (code: string): { code: string; message: string } => ({ code, message: `it is ${code}` });
    const outcomesOf = async (count: number, handler: StubHandler): Promise<readonly SentOutcome[]> => {
      server = await startStubServer(handler);
      return send(await Promise.all(Array.from({ length: count }, (_, index) => file(`${String(index)}.png`))));
    };

    it.each([
      ['a busy server', 503, error('PEER_BUSY'), { kind: 'lost', error: { code: 'PEER_BUSY' }, retryAfterMs: 7000 }],
      ['a wrong key', 401, error('KEY_WRONG'), { kind: 'lost', error: { code: 'KEY_WRONG' } }],
      ['too many files', 413, error('TOO_MANY_FILES'), { kind: 'unsent', maxFiles: 2 }],
      ['a proxy that takes no such body', 413, '<html>', { kind: 'unsent', maxFiles: 2 }],
      ['a server that broke', 500, error('INTERNAL'), { kind: 'lost', error: { code: 'INTERNAL' } }],
      ['a proxy without a server', 502, '<html>', { kind: 'lost', error: { code: 'PEER_FAILED' } }],
      ['fewer images than files', 201, { images: [] }, { kind: 'lost', error: { code: 'PEER_ANSWER_INVALID' } }],
    ])('of several files: %s', async (_, status, body, expected) => {
      const outcomes = await outcomesOf(5, answers(status, body, '7'));
      expect(outcomes).toHaveLength(5);
      for (const outcome of outcomes) expect(outcome).toMatchObject(expected);
    });

    it.each([
      [
        'no image',
        415,
        error('NOT_AN_IMAGE'),
        { kind: 'refused', code: 'NOT_AN_IMAGE', message: 'it is NOT_AN_IMAGE' },
      ],
      ['too large', 413, error('FILE_TOO_LARGE'), { kind: 'refused', code: 'FILE_TOO_LARGE' }],
      ['too large for a proxy', 413, '<html>', { kind: 'refused', code: 'FILE_TOO_LARGE' }],
      ['a full disk', 507, error('DISK_FULL'), { kind: 'lost', error: { code: 'DISK_FULL' } }],
    ])('of a lone file: %s', async (_, status, body, expected) => {
      expect(await outcomesOf(1, answers(status, body))).toMatchObject([expected]);
    });

    it('of single files: what is about the file, what is about the server, and an image under another id', async () => {
      server = await startReceivingServer([], {
        status: 207,
        entry: (part) => {
          if (part.name === '0.png') return { originalName: part.name, error: error('NOT_AN_IMAGE') };
          if (part.name === '1.png') return { originalName: part.name, error: error('DISK_FULL') };
          return storedEntry(part.name === '2.png' ? { ...part, id: '2026/3/9/other' } : part);
        },
      });
      const items = await Promise.all(['0', '1', '2', '3'].map((name) => file(`${name}.png`)));
      expect(await send(items)).toMatchObject([
        { kind: 'refused', code: 'NOT_AN_IMAGE' },
        { kind: 'lost', error: { code: 'DISK_FULL' } },
        { kind: 'lost', error: { code: 'PEER_ANSWER_INVALID' } },
        { kind: 'stored' },
      ]);
    });

    it('that comes while the body is still on its way', async () => {
      server = await startStubServer((request, response) => {
        const body = JSON.stringify(error('TOO_MANY_FILES'));
        response.writeHead(413, { 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
        response.end(body, () => request.socket.destroy());
      });
      const items = [await file('a.png', Buffer.alloc(20_000_000)), await file('b.png')];
      expect(await send(items)).toMatchObject([{ kind: 'unsent', maxFiles: 1 }, { kind: 'unsent' }]);
    });
  });

  it('says that the server is away when it dies in the middle, or was never there', async () => {
    server = await startStubServer((request) => {
      request.once('data', () => request.socket.resetAndDestroy());
    });
    const items = [await file('a.png', Buffer.alloc(5_000_000)), await file('b.png')];
    const lost = { kind: 'lost', error: { code: 'PEER_UNREACHABLE' }, retryAfterMs: undefined };
    expect(await send(items)).toMatchObject([lost, lost]);
    expect(await send(items, { url: 'http://127.0.0.1:9' })).toMatchObject([lost, lost]);
  });

  it('gives up on a server that takes nothing any more, having read no more than the line holds', async () => {
    server = await startStubServer((request) => void request.socket.pause());
    const large = await file('large.png', '');
    await truncate(large.file, 500_000_000);
    const outcomes = await send([{ ...large, ...(await stampOf(large.file)) }], { stallMs: 700 });
    expect(outcomes).toMatchObject([{ kind: 'lost', error: { code: 'PEER_TIMEOUT' } }]);
    expect(sent.get(large.key)).toBeLessThan(50_000_000);
  });

  it('throws when its caller stops it, also while the rate holds it back', async () => {
    server = await startReceivingServer([]);
    const stop = new AbortController();
    const sending = send([await file('a.png')], {
      signal: stop.signal,
      take: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          setImmediate(() => stop.abort());
        }),
    });
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
  });
});
