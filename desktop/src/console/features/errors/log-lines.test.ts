import { expect, it } from 'vitest';
import { matchingLines, type LogLine } from './log-lines.ts';

const line = (path: string, server: string, code: LogLine['code']): LogLine => {
  return { at: '2026-03-09T14:02:11.000+08:00', path, server, code, message: 'connect ECONNREFUSED' };
};
const LINES = [line('2026/3/9/a.jpg', 's2', 'PEER_UNREACHABLE'), line('site/b.png', 's3', 'PEER_TIMEOUT')];
const found = (filter: string, language: 'en' | 'zh' = 'en') =>
  matchingLines(LINES, filter, language).map(({ path }) => path);

it('finds by path, server, code, message and by the words that are shown', () => {
  expect(found('')).toHaveLength(2);
  expect(found('  ')).toHaveLength(2);
  expect(found('SITE')).toEqual(['site/b.png']);
  expect(found('s2')).toEqual(['2026/3/9/a.jpg']);
  expect(found('timeout')).toEqual(['site/b.png']);
  expect(found('econnrefused s3')).toEqual(['site/b.png']);
  expect(found('cannot be reached')).toEqual(['2026/3/9/a.jpg']);
  expect(found('连接不上', 'zh')).toEqual(['2026/3/9/a.jpg']);
  expect(found('nothing like it')).toEqual([]);
});
