import { expect, it } from 'vitest';
import { MAX_SERVERS, readServerLines } from './server-lines.ts';

it('takes one address a line, and each only once', () => {
  expect(readServerLines(' http://10.0.0.1:7401 \n\nhttps://images.example/base\nhttp://10.0.0.1:7401')).toEqual({
    servers: ['http://10.0.0.1:7401', 'https://images.example/base'],
  });
});

it.each(['10.0.0.1:7401', 'ftp://10.0.0.1', 'http://', 'server one'])('names what is no address: %s', (line) => {
  expect(readServerLines(`http://10.0.0.2:7401\n${line}`)).toEqual({ problem: 'notAnAddress', line });
});

it('asks for one at least, and takes so many at most', () => {
  expect(readServerLines(' \n')).toEqual({ problem: 'noServer' });
  const lines = Array.from({ length: MAX_SERVERS + 1 }, (_, index) => `http://s${String(index)}`);
  expect(readServerLines(lines.join('\n'))).toEqual({ problem: 'tooMany' });
  expect(readServerLines(lines.slice(1).join('\n'))).toHaveProperty('servers.length', MAX_SERVERS);
});
