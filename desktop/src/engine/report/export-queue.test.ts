import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foundFile, foundFiles, IMAGE, queueOnDisk, SHA } from '#engine/testing/queue-builders.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { linksText, writeLinks, writeQueueTable } from './export-queue.ts';

const URLS = { format: 'url', template: '' } as const;
const { signal } = new AbortController();

/** So many files are in the fleet, and one in each other state that has no link. */
function queueWith(linked: number): UploadQueueStore {
  const { queue } = queueOnDisk();
  for (let start = 0; start < linked; start += 2000) {
    queue.add(Array.from({ length: Math.min(2000, linked - start) }, (_, index) => foundFile(start + index + 1)));
    const keys = Array.from({ length: Math.min(2000, linked - start) }, (_, index) => start + index + 1);
    queue.change(
      keys.map((key) => ({
        ...{ key, state: key % 2 === 0 ? 'done' : 'present', sha256: SHA },
        image: { path: `2026/3/9/${String(key)}.png`, link: `http://i/${String(key)}.png` },
      })),
    );
  }
  queue.add([foundFile(linked + 1), foundFile(linked + 2)]);
  const failure = { code: 'FILE_TOO_LARGE', message: 'text' } as const;
  // A row that was changed by hand: what failed has no link, whatever stands in it.
  queue.change([{ key: linked + 1, state: 'failed', failure, image: IMAGE }]);
  return queue;
}

describe('the links of the queue', () => {
  it('are those of the files in the fleet, in the order in which they were added', async () => {
    const text = await linksText(queueWith(3), { choice: URLS, limit: 10, signal });
    expect(text).toEqual({ text: 'http://i/1.png\nhttp://i/2.png\nhttp://i/3.png', lines: 3, isWhole: true });
  });

  it('come in the form that was chosen', async () => {
    const queue = queueWith(1);
    const line = async (format: 'markdown' | 'html' | 'bbcode' | 'template'): Promise<string> =>
      (await linksText(queue, { choice: { format, template: '{name} {path} {size}' }, limit: 10, signal })).text;
    expect(await line('markdown')).toBe('![1.png](http://i/1.png)');
    expect(await line('html')).toBe('<img src="http://i/1.png" alt="1.png">');
    expect(await line('bbcode')).toBe('[img]http://i/1.png[/img]');
    expect(await line('template')).toBe('1.png album/1.png 1001');
  });

  it('are cut where they are too many for one text, which is said', async () => {
    const queue = queueWith(1200);
    expect(await linksText(queue, { choice: URLS, limit: 700, signal })).toMatchObject({ lines: 700, isWhole: false });
    expect(await linksText(queue, { choice: URLS, limit: 1200, signal })).toMatchObject({ lines: 1200, isWhole: true });
  });

  it('go into a file, all of them', async () => {
    const file = join(tempFolder(), 'links.txt');
    expect(await writeLinks(queueWith(1200), { choice: URLS, file, signal })).toBe(1200);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(1201);
    expect([lines[0], lines[1199], lines[1200]]).toEqual(['http://i/1.png', 'http://i/1200.png', '']);
  });
});

describe('the table of the queue', () => {
  it('has every file, whatever became of it', async () => {
    const file = join(tempFolder(), 'queue.csv');
    expect(await writeQueueTable(queueWith(1), { file, signal })).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe(
      '\ufeffpath,name,sizeBytes,state,link,imagePath,sha256,error\r\n' +
        `album/1.png,1.png,1001,present,http://i/1.png,2026/3/9/1.png,${SHA},\r\n` +
        `album/2.png,2.png,1002,failed,${IMAGE.link},${IMAGE.path},,FILE_TOO_LARGE\r\n` +
        'album/3.png,3.png,1003,queued,,,,\r\n',
    );
  });
});

describe('an export', () => {
  it('leaves the old file when it is stopped, and nothing beside it', async () => {
    const file = join(tempFolder(), 'queue.csv');
    writeFileSync(file, 'old');
    const stop = new AbortController();
    const { queue } = queueOnDisk();
    queue.add(foundFiles(1500));
    const page: UploadQueueStore['page'] = (options) => {
      if ((options.after ?? 0) > 0) stop.abort(new Error('enough'));
      return queue.page(options);
    };
    await expect(writeQueueTable({ page }, { file, signal: stop.signal })).rejects.toThrow('enough');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(dirname(file))).toEqual(['queue.csv']);
  });

  it('says of a place that cannot be written what is wrong', async () => {
    const folder = tempFolder();
    const queue = queueWith(1);
    const missing = { code: 'IO_FAILED', message: expect.stringContaining('ENOENT') as string };
    await expect(writeQueueTable(queue, { file: join(folder, 'a/b.csv'), signal })).rejects.toMatchObject(missing);
    mkdirSync(join(folder, 'taken/x'), { recursive: true });
    const taken = writeLinks(queue, { file: join(folder, 'taken'), choice: URLS, signal });
    await expect(taken).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('fails as the queue fails', async () => {
    const { queue, close } = queueOnDisk();
    queue.add([foundFile(1)]);
    queue.change([{ key: 1, state: 'done', sha256: SHA, image: IMAGE }]);
    close();
    const file = join(tempFolder(), 'queue.csv');
    await expect(writeQueueTable(queue, { file, signal })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(readdirSync(dirname(file))).toEqual([]);
  });
});
