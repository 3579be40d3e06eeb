import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellQuote } from './shell-quote.ts';

it('leaves plain words alone', () => {
  expect(shellQuote('data/s1/agent.yaml')).toBe('data/s1/agent.yaml');
});

it.skipIf(process.platform === 'win32').each(["it's", 'a b', '$HOME', '', '图片', '"x"', '`ls`'])(
  'makes a shell read back %j',
  (word) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word);
  },
);
