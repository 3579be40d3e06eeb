import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TEMPLATE } from '@imagefleet/shared/common/links/link-formats.ts';
import { ENGINE_USAGE, readArguments } from './command-arguments.ts';

const S1 = ['--server', 'http://s1:7401'];

describe('the arguments of the engine', () => {
  it.each([[[]], [['--help']], [['add', 'photos', '--help']]])('teach without a command or with --help: %j', (args) => {
    expect(readArguments(args)).toBe(ENGINE_USAGE);
  });

  it('are read whole', () => {
    const args = ['add', 'a', 'b', ...S1, '--server', 'http://s2', '--key', 'k', '--data', 'd', '--include', '*.png'];
    expect(readArguments([...args, '--exclude', 'x/**', '--json'])).toEqual({
      ...{ command: 'add', folders: ['a', 'b'], servers: ['http://s1:7401', 'http://s2'], key: 'k', dataDir: 'd' },
      ...{ include: ['*.png'], exclude: ['x/**'], state: undefined, limits: {}, isJson: true },
      ...{ links: { format: 'url', template: DEFAULT_TEMPLATE }, to: undefined },
    });
  });

  it.each([
    [['limit', '--rate', '2MB', '--requests', '4'], { limits: { bytesPerSecond: 2 * 1024 * 1024, requests: 4 } }],
    [['limit', '--rate', '0'], { limits: { bytesPerSecond: 0 } }],
    [['list', '--state', 'inDoubt'], { state: 'inDoubt' }],
    [['links', '--format', '{name} {link}'], { links: { format: 'template', template: '{name} {link}' } }],
    [['export', '--to', 'a.csv'], { to: resolve('a.csv') }],
    [['status'], { dataDir: 'engine-data', isJson: false }],
  ])('mean what they say: %j', (args, expected) => {
    expect(readArguments(args)).toMatchObject(expected);
  });

  it.each([
    [['upload'], /no command upload/],
    [['export'], /export needs --to FILE/],
    [['links', '--format', 'word'], /--format: url, markdown, html, bbcode, or a template with {link}/],
    [['add', ...S1], /needs a folder/],
    [['status', 'photos'], /takes no folder/],
    [['limit'], /needs --rate or --requests/],
    [['limit', '--rate', 'fast'], /--rate: expected a number with a unit/],
    [['limit', '--requests', '0'], /--requests: a whole number from 1 to 64/],
    [['list', '--state', 'lost'], /--state: one of queued/],
    [['add', 'a', '--frob'], /--frob/],
  ])('that are wrong are answered with a sentence: %j', (args, sentence) => {
    expect(readArguments(args)).toMatch(sentence);
  });
});
