import { expect, it } from 'vitest';
import { checkServers } from './check-servers.ts';

it.each([['http://10.0.0.1:7401'], ['https://img.example.com/s1/'], [' http://[::1]:7401 ']])('takes %s', (server) => {
  expect(() => checkServers([server])).not.toThrow();
});

it.each([['10.0.0.1:7401'], ['localhost:7401'], ['ftp://a'], ['http://'], [''], ['/srv']])('refuses %s', (server) => {
  expect(() => checkServers(['http://good', server])).toThrow(expect.objectContaining({ code: 'CFG_INVALID' }));
});

it('refuses a password without saying it', () => {
  const message = 'the address of a:7401 has a user or a password in it';
  expect(() => checkServers(['http://user:secret@a:7401'])).toThrow(expect.objectContaining({ message }));
});
