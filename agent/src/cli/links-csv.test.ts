import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linksCsv, writeLinksCsv } from './links-csv.ts';

it('quotes what RFC 4180 wants quoted, and nothing else', () => {
  const rows = ['plain.png', '图 1.png', 'a,b.png', 'say "x".png', 'two\nlines.png', ' edge.png'];
  expect(linksCsv(rows.map((file) => ({ file, link: 'http://i/1.png' }))).split('\r\n')).toEqual([
    '\ufefffile,link',
    'plain.png,http://i/1.png',
    '图 1.png,http://i/1.png',
    '"a,b.png",http://i/1.png',
    '"say ""x"".png",http://i/1.png',
    '"two\nlines.png",http://i/1.png',
    '" edge.png",http://i/1.png',
    '',
  ]);
});

it('starts with the byte order mark that makes Excel read UTF-8', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  await writeLinksCsv(join(dir, 'links.csv'), []);
  expect((await readFile(join(dir, 'links.csv'))).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  await rm(dir, { recursive: true });
});
