import { expect, it } from 'vitest';
import { withoutUserInfo } from './without-user-info.ts';

it.each([
  ['http://anna:s3cret@10.0.0.1:7401', 'http://10.0.0.1:7401'],
  [' HTTPS://anna@i.example.com/a@b', ' HTTPS://i.example.com/a@b'],
  ['http://anna:p@ss@[::1]:7401/x', 'http://[::1]:7401/x'],
  ['http://i.example.com/a@b', 'http://i.example.com/a@b'],
  ['i.example.com:7401', 'i.example.com:7401'],
])('takes user and password out of %j', (url, expected) => {
  expect(withoutUserInfo(url)).toBe(expected);
});
