import { describe, expect, it } from 'vitest';
import { isLoopbackHost, parseListenAddress } from './listen-address.ts';

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:7401', '127.0.0.1', 7401],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65535],
    ['images.example.com:443', 'images.example.com', 443],
  ])('is read: %s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':80',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:x',
    '::1:80',
    '[::1]',
    'a b:80',
    'http://a:80',
    'u@h:80',
  ])('is refused: %j', (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });

  it('is loopback only where no other machine can reach it', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1']) {
      expect([host, isLoopbackHost(host)]).toEqual([host, true]);
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.example.com', 'localhost.example.com', '', '128.0.0.1']) {
      expect([host, isLoopbackHost(host)]).toEqual([host, false]);
    }
  });
});
