import { describe, expect, it } from 'vitest';
import { PAGE_URL } from './app-protocol.ts';
import { mayNavigate, mayOpen } from './window-rules.ts';

const SERVERS = ['http://10.0.0.1:7401', 'https://i-2.example.com'];

describe('a link', () => {
  it.each(['http://10.0.0.1:7401/console', 'http://10.0.0.1/2026/3/9/a.png', 'https://i-2.example.com/x'])(
    'of the fleet goes to the browser: %s',
    (link) => expect(mayOpen(link, SERVERS)).toBe(true),
  );

  it.each([
    'https://example.com/',
    'http://10.0.0.1.evil.example/',
    'http://u:p@10.0.0.1/',
    'file:///etc/passwd',
    'smb://10.0.0.1/share',
    'javascript:alert(1)',
    'ms-settings:',
    'not a link',
    '',
  ])('that could start something else or leads elsewhere stays: %s', (link) => {
    expect(mayOpen(link, SERVERS)).toBe(false);
  });
});

describe('a page', () => {
  it.each([PAGE_URL, `${PAGE_URL}#/fleet`, `${PAGE_URL}?a=1`])('may load itself again: %s', (url) => {
    expect(mayNavigate(url)).toBe(true);
  });

  it.each([
    'app://ui/',
    'app://ui/image/a.png',
    'app://ui.evil/console/',
    'https://example.com/',
    'file:///a',
    'about:blank',
  ])('goes nowhere else: %s', (url) => expect(mayNavigate(url)).toBe(false));
});
