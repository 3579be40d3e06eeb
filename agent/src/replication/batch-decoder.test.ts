import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateOwned } from '#store/owned-buffer.ts';
import { BatchDecoder } from './batch-decoder.ts';
import { encodeBatch } from './batch-encoder.ts';
import { wholeOf } from './testing/whole-batch.ts';
import { bodySizeOf, MAX_LINE_BYTES, parseManifest } from './batch-manifest.ts';
import { sha256Of } from './testing/test-server.ts';

type Batch = readonly { readonly record: ReturnType<typeof recordOf>; readonly body: Buffer<ArrayBuffer> }[];

function recordOf(body: Uint8Array, index: number) {
  return {
    kind: 'present' as const,
    ...{ path: `banners/图 ${String(index)}.png`, version: '000000000001-0000-a', sha256: sha256Of(body) },
    ...{ sizeBytes: body.length, mediaType: 'image/png', originalName: '"\n\t\u2028.png', createdAt: 1 },
  };
}

const batches = fc
  .array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 })
  .map((bodies): Batch => bodies.map((bytes, index) => ({ record: recordOf(bytes, index), body: Buffer.from(bytes) })));
const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });

async function encoded(batch: Batch): Promise<Buffer> {
  return wholeOf(encodeBatch(batch));
}

/** The bytes in chunks of the given lengths, again and again; then the error, if one is given. */
async function* chunked(bytes: Uint8Array, lengths: readonly number[], error?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    // Memory of its own, as the chunks of a connection have: the decoder frees what it has copied.
    const chunk = allocateOwned(Math.min(length, bytes.length - at));
    chunk.set(bytes.subarray(at, at + length));
    yield chunk;
    at += length;
  }
  if (error !== undefined) throw error;
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Reads a batch by turns in one piece and as a stream. */
async function decode(source: AsyncIterable<Uint8Array>) {
  const decoder = new BatchDecoder(source);
  const { entries } = parseManifest(await decoder.readLine());
  const bodies: Uint8Array[] = [];
  for (const [index, entry] of entries.entries()) {
    const size = bodySizeOf(entry);
    bodies.push(index % 2 === 0 ? await decoder.bytes(size) : await joined(await decoder.body(size)));
  }
  await decoder.finish();
  return { entries, bodies };
}

describe('a batch', () => {
  it('is read as it was written, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(batches, cuts, async (batch, lengths) => {
        const { entries, bodies } = await decode(chunked(await encoded(batch), lengths));
        expect(entries).toEqual(batch.map(({ record }) => record));
        expect(bodies.map((body) => Buffer.from(body))).toEqual(batch.map(({ body }) => Buffer.from(body)));
      }),
    );
  });

  it('that ends early anywhere, quietly or with an error, is BODY_MALFORMED', async () => {
    await fc.assert(
      fc.asyncProperty(batches, cuts, fc.nat(), fc.boolean(), async (batch, lengths, where, isLoud) => {
        const whole = await encoded(batch);
        const part = whole.subarray(0, where % whole.length);
        const source = chunked(part, lengths, isLoud ? new Error('ECONNRESET') : undefined);
        await expect(decode(source)).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
      }),
    );
  });

  it('with bytes behind its last body is BODY_MALFORMED', async () => {
    const bytes = Buffer.concat([await encoded([]), Buffer.from('x')]);
    await expect(decode(chunked(bytes, [7]))).rejects.toThrow('bytes follow the last body');
  });

  it('skips what nobody took of a body', async () => {
    const decoder = new BatchDecoder(chunked(Buffer.from('line\nabcdefgh'), [3]));
    expect(Buffer.from(await decoder.readLine()).toString()).toBe('line');
    for await (const chunk of await decoder.body(5)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(Buffer.from(await decoder.bytes(3)).toString()).toBe('fgh');
    await decoder.finish();
  });

  it('whose first line never ends is refused before it fills the memory', async () => {
    let given = 0;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 65_536;
        yield Buffer.alloc(65_536, 'a');
      }
    };
    await expect(new BatchDecoder(endless()).readLine()).rejects.toMatchObject({ code: 'BODY_MALFORMED' });
    expect(given).toBeLessThan(MAX_LINE_BYTES + 131_072);
  });

  it('whose manifest has another form is BODY_MALFORMED and names the place', () => {
    const bad = ['', 'null', '[]', '{"entries":[{"kind":"other"}]}', '{"entries":[{"kind":"present"}]}', '\xff'];
    for (const line of bad) expect(() => parseManifest(Buffer.from(line, 'latin1'))).toThrow();
    expect(() => parseManifest(Buffer.from('{"entries":[{"kind":"tombstone","path":1}]}'))).toThrow('entries[0].path');
    const many = JSON.stringify({ entries: Array.from({ length: 257 }, () => recordOf(Buffer.from('a'), 0)) });
    expect(() => parseManifest(Buffer.from(many))).toThrow(expect.objectContaining({ code: 'BODY_MALFORMED' }));
  });
});
