import { describe, expect, it } from 'vitest';
import { contentOf } from '#testing/status-builders.ts';
import { encodeStatusFile } from './encode-status-file.ts';
import { keptGeneration } from './kept-generation.ts';
import { STATUS_FORMATS } from './status-content.ts';

const BEFORE = contentOf([['a:1'], ['b:1', 'down', 2]], 7);

describe.each(STATUS_FORMATS)('a file in the %s form', (format) => {
  const text = encodeStatusFile(BEFORE, { format });

  it('is kept while only generation, time and states are others', () => {
    const now = { ...contentOf([['a:1'], ['b:1', 'warming', 2]], 8), at: 0 };
    expect(keptGeneration(text, now, { format })).toBe(7);
  });

  it('is not kept when a server turned, came or went', () => {
    for (const servers of [[['a:1'], ['b:1', 'up', 2]], [['a:1']], [['a:1'], ['b:1', 'down', 2], ['c:1']]] as const) {
      expect(keptGeneration(text, contentOf(servers, 8), { format })).toBeUndefined();
    }
  });

  it('is not kept in another form, nor in a layout of somebody else', () => {
    for (const other of STATUS_FORMATS.filter((form) => form !== format)) {
      expect(keptGeneration(text, BEFORE, { format: other })).toBeUndefined();
    }
    expect(keptGeneration(text.replaceAll('\n', '\r\n'), BEFORE, { format })).toBeUndefined();
    expect(keptGeneration(text.slice(0, -3), BEFORE, { format })).toBeUndefined();
  });
});

it('keeps no nginx file with the block under another name, and no file that has no generation', () => {
  expect(
    keptGeneration(encodeStatusFile(BEFORE, { format: 'nginx' }), BEFORE, { format: 'nginx', upstream: 'x' }),
  ).toBe(undefined);
  const old = encodeStatusFile(BEFORE, { format: 'aspnet' }).replace(/ {2}<!--.*-->\n/, '');
  expect(keptGeneration(old, BEFORE, { format: 'aspnet' })).toBeUndefined();
});

it('keeps nothing that could not be written', () => {
  const text = encodeStatusFile(BEFORE, { format: 'aspnet' });
  expect(keptGeneration(text, contentOf([['a:1'], ['a:2']]), { format: 'aspnet' })).toBeUndefined();
});
