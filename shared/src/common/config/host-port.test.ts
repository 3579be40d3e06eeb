import { formatHostPort } from '../address/server-address.ts';
import { expect, it } from 'vitest';
import { hostOfUrl, reachableOf } from './host-of-url.ts';
import { parseHostPort } from './host-port.ts';

it.each([
  ['10.0.0.1:42424', { host: '10.0.0.1', port: 42424 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
  ['app_server-1.example.com.:65535', { host: 'app_server-1.example.com.', port: 65535 }],
  ['图片服务器:80', { host: '图片服务器', port: 80 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['[2001:db8::1]:443', { host: '2001:db8::1', port: 443 }],
])('reads where a server is reached, and writes it back: %s', (text, address) => {
  expect(parseHostPort(text)).toEqual(address);
  expect(formatHostPort(address)).toBe(text);
});

it('knows one IPv6 address in all its spellings', () => {
  for (const text of ['[2001:db8::1]:443', '[2001:DB8:0:0:0:0:0:1]:443', '[2001:0db8::0:1]:443'])
    expect(parseHostPort(text)).toEqual({ host: '2001:db8::1', port: 443 });
});

it.each([
  ...['', 'host', ':80', 'host:0', 'host:65536', 'host:80/x', 'http://host:80', 'a b:80', 'u@h:80', '::1:80', '[::1]'],
  ...[
    '[::g]:80',
    '[1.2.3.4]:80',
    '300.1.1.1:80',
    '1.2.3:80',
    '-host:80',
    'host-:80',
    'a..b:80',
    `${'a'.repeat(254)}:1`,
  ],
])('takes nothing else: %j', (text) => {
  expect(parseHostPort(text)).toBeUndefined();
});

it.each([
  ['http://10.0.0.2:7401', '10.0.0.2:7401'],
  ['HTTPS://i-1.example.com/', 'i-1.example.com:443'],
  ['http://i-1.example.com', 'i-1.example.com:80'],
  ['http://[::1]:7401/x?y', '[::1]:7401'],
  ['https://[2001:db8::1]', '[2001:db8::1]:443'],
])('finds host and port behind %s', (url, expected) => {
  const found = hostOfUrl(url);
  expect(found === undefined ? undefined : formatHostPort(found)).toBe(expected);
});

it.each(['ftp://a', 'http://', 'a:80', ''])('finds none behind %j', (url) => {
  expect(hostOfUrl(url)).toBeUndefined();
});

it('goes to the own machine where somebody listens on every address', () => {
  expect(reachableOf({ host: '0.0.0.0', port: 1 })).toEqual({ host: '127.0.0.1', port: 1 });
  expect(reachableOf({ host: '::', port: 1 })).toEqual({ host: '::1', port: 1 });
  expect(reachableOf({ host: '::1', port: 1 })).toEqual({ host: '::1', port: 1 });
  expect(reachableOf({ host: '10.0.0.1', port: 1 })).toEqual({ host: '10.0.0.1', port: 1 });
});
