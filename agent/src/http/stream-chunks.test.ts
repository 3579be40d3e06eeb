import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { StreamChunks } from './stream-chunks.ts';

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let all = '';
  for await (const chunk of chunks) all += Buffer.from(chunk).toString();
  return all;
}

describe('the chunks of a stream', () => {
  it('are all of them, however slowly they come', async () => {
    const stream = new PassThrough();
    const all = allOf(new StreamChunks(stream));
    for (const part of ['one ', 'two ', 'three']) {
      stream.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    stream.end();
    expect(await all).toBe('one two three');
  });

  it('are none of a stream that has ended', async () => {
    const stream = Readable.from([Buffer.from('x')]);
    await text(stream);
    expect(await allOf(new StreamChunks(stream))).toBe('');
  });

  it('end with the error of the stream', async () => {
    const stream = new PassThrough();
    const all = allOf(new StreamChunks(stream));
    stream.write('x');
    stream.destroy(new Error('cut'));
    await expect(all).rejects.toThrow('cut');
  });

  it('end with an error when the stream is closed without one, also before the first is asked for', async () => {
    const stream = new PassThrough();
    const all = allOf(new StreamChunks(stream));
    stream.destroy();
    await expect(all).rejects.toThrow('closed before its end');
    await expect(allOf(new StreamChunks(stream))).rejects.toThrow('closed before its end');
  });

  it('leave the rest to others', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    stream.write('first');
    for await (const chunk of new StreamChunks(stream)) {
      expect(String(chunk)).toBe('first');
      break;
    }
    const rest: string[] = [];
    stream.on('data', (chunk: Buffer) => rest.push(chunk.toString())).resume();
    stream.end('second');
    await once(stream, 'end');
    expect(rest).toEqual(['second']);
    expect(stream.listenerCount('readable')).toBe(0);
  });
});
