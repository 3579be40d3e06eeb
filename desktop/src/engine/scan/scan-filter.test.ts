import { describe, expect, it } from 'vitest';
import { scanFilter, type ScanRules } from './scan-filter.ts';

const FILES = ['a.png', 'b.JPG', 'drafts/a.png', '2026/drafts/c.jpg', '2026/März/图.png', '2026/März/.x.png'];

function taken(rules: ScanRules): readonly string[] {
  const { takesFile } = scanFilter(rules);
  return FILES.filter((file) => takesFile(file));
}

describe('files', () => {
  it('are all taken without rules', () => {
    expect(taken({})).toEqual(FILES);
  });

  it.each<[string, readonly string[]]>([
    ['*.jpg', ['b.JPG', '2026/drafts/c.jpg']],
    ['/*.jpg', ['b.JPG']],
    ['drafts/*', ['drafts/a.png']],
    ['**/drafts/*', ['drafts/a.png', '2026/drafts/c.jpg']],
    ['2026/**', ['2026/drafts/c.jpg', '2026/März/图.png', '2026/März/.x.png']],
    ['2026/*.png', []],
    ['?.png', ['a.png', 'drafts/a.png', '2026/März/图.png']],
    ['{a,b}.*', ['a.png', 'b.JPG', 'drafts/a.png']],
    ['MÄRZ/**', []],
    ['2026/märz/**', ['2026/März/图.png', '2026/März/.x.png']],
  ])('by %s', (pattern, files) => {
    expect(taken({ include: [pattern] })).toEqual(files);
    expect(taken({ exclude: [pattern] })).toEqual(FILES.filter((file) => !files.includes(file)));
  });

  it('that are excluded are not taken, whatever includes them', () => {
    expect(taken({ include: ['*.png'], exclude: ['a.*'] })).toEqual(['2026/März/图.png', '2026/März/.x.png']);
  });
});

describe('folders', () => {
  it.each(['drafts', 'drafts/', '**/drafts', '**/drafts/**'])('that %s excludes are not entered', (pattern) => {
    const { entersFolder } = scanFilter({ exclude: [pattern] });
    expect(['drafts', '2026/drafts', '2026'].filter((folder) => entersFolder(folder))).toEqual(['2026']);
  });

  it('are entered whatever is included, because of what may lie in them', () => {
    expect(scanFilter({ include: ['*.png'] }).entersFolder('2026')).toBe(true);
  });
});

it.each([
  [['']],
  [[' ']],
  [['/']],
  [['a'.repeat(201)]],
  [['*a*b*c*']],
  [['**/a/**/b/**/c/**']],
  [Array.from({ length: 101 }, () => '*')],
])('refuses %j, and says so', (exclude) => {
  expect(() => scanFilter({ exclude })).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
});

it('takes brackets that open nothing for what they are', () => {
  expect(scanFilter({ include: ['[a.png', '+(a|b)'] }).takesFile('[a.png')).toBe(true);
});

it('is not made to think for ever by a pattern', { timeout: 5000 }, () => {
  expect(scanFilter({ include: ['*a*a*ab'] }).takesFile('a'.repeat(255))).toBe(false);
});
