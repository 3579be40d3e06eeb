import { describe, expect, it } from 'vitest';
import { formatConfigPath } from './config-rules.ts';
import { parseAgentConfig } from './parse-agent-config.ts';

const MINIMAL = { name: 's1', publicUrl: 'http://i-1.example.com' };
const PEER = { name: 's2', url: 'http://10.0.0.2:7401', securityKey: 'k2' };

/** Every problem as one line, as the operator reads it. */
function problems(raw: unknown): readonly string[] {
  const parsed = parseAgentConfig(raw);
  return 'problems' in parsed
    ? parsed.problems.map(({ path, message }) => `${formatConfigPath(path)}: ${message}`)
    : [];
}

describe('a configuration', () => {
  it('needs a name and the start of its links, and has a default for the rest', () => {
    expect(parseAgentConfig(MINIMAL)).toEqual({
      config: {
        ...MINIMAL,
        listen: '127.0.0.1:7401',
        dataDir: './data',
        keys: [],
        peers: [],
        limits: {
          fileSize: 200 * 1024 ** 2,
          filesPerRequest: 1000,
          freeSpaceFloor: 1024 ** 3,
          concurrentUploads: 64,
          svg: false,
        },
        replication: {
          autoRetry: true,
          backoff: { first: 2000, cap: 600_000 },
          replayEvery: 600_000,
          trashPeriod: 2_592_000_000,
          verifyEvery: 3_600_000,
        },
        monitor: {
          interval: 2000,
          fastInterval: 400,
          timeout: 1000,
          fall: 3,
          rise: 2,
          warmUp: 10_000,
          servers: [],
          statusFiles: [],
          hooks: [],
        },
      },
    });
    expect(problems({})).toEqual(['name: is missing', 'publicUrl: is missing']);
  });

  it('tells all problems together, each with its place', () => {
    expect(
      problems({
        name: '-s1',
        listen: '127.0.0.1:70000',
        publicUrl: 'ftp://i',
        timeZone: 'Mars/Olympus',
        securtyKey: 'x',
        peers: [PEER, { name: 's2', url: 'http://u:p@h/?x', securityKey: 12 }],
        limits: { fileSize: '200', filesPerRequest: 0, svg: 'maybe', extra: 1 },
        replication: { backoff: { first: null } },
      }).toSorted(),
    ).toEqual(
      [
        'name: expected letters, digits, dot, dash, underscore and inner spaces, beginning with a letter or digit, at most 63',
        'listen: expected host:port with a port up to 65535',
        'publicUrl: expected an address that begins with http:// or https://',
        'timeZone: expected a time zone such as Asia/Shanghai',
        'securtyKey: is no known setting',
        'securityKey: is missing: with peers a server needs its own key, by which they sign what they send to it',
        'peers[1].name: is the name of another peer too',
        'peers[1].url: must not contain a user name or password',
        'peers[1].url: must not contain a query (?) or fragment (#)',
        'peers[1].securityKey: expected text; put a key of digits in quotes',
        'limits.fileSize: expected a number with a unit, such as 512KB, 10MB or 2GB',
        'limits.filesPerRequest: expected a whole number from 1 to 10000',
        'limits.svg: expected true or false',
        'limits.extra: is no known setting',
        'replication.backoff.first: is empty',
      ].toSorted(),
    );
  });

  it('has a key for each server, for everything or for peers alone', () => {
    const { securityKey, ...keyless } = PEER;
    expect(problems({ ...MINIMAL, peerKey: 'p', peers: [{ ...keyless, peerKey: securityKey }] })).toEqual([]);
    expect(problems({ ...MINIMAL, securityKey: 'k', peers: [keyless] })).toEqual([
      'peers[0].securityKey: is missing, and so is peerKey',
    ]);
  });

  it('has peers with different names and addresses, and none with its own name, in any case', () => {
    const peers = [
      PEER,
      { ...PEER, name: 'S2', url: 'http://10.0.0.3' },
      { ...PEER, name: 'S1', url: 'http://10.0.0.2:7401/' },
    ];
    expect(problems({ ...MINIMAL, securityKey: 'k', peers })).toEqual([
      'peers[1].name: is the name of another peer too',
      'peers[2].url: is the address of another peer too',
      'peers[2].name: is the name of this server itself; list the other servers only',
    ]);
    expect(
      problems({ ...MINIMAL, securityKey: 'k', peers: [PEER, { ...PEER, name: 's3', url: 'https://s3/' }] }),
    ).toEqual([]);
  });

  it.each(['http://10.0.0.3/base', 'https://s3:7401/do.ashx?x=1'])('has peers without a path: %s', (url) => {
    const found = problems({ ...MINIMAL, securityKey: 'k', peers: [{ ...PEER, url }] });
    expect(found).toContain('peers[0].url: must not contain a path');
  });

  it('takes names in every script, but none that could be taken for something else', () => {
    for (const name of ['s1', '主服务器', 'Image Server 2', 'i-1.xx.com', 'x'.repeat(63), '7']) {
      expect(problems({ ...MINIMAL, name })).toEqual([]);
    }
    for (const name of ['', ' s1', 's1 ', '-s1', '../s1', 's/1', 's\t1', 's\n1', 's1\u202e', 'x'.repeat(64), 'a:b']) {
      expect(problems({ ...MINIMAL, name })).toEqual([expect.stringMatching(/^name: expected letters/)]);
    }
  });

  it('has keys with different names', () => {
    const key = { name: 'ops', key: 'k', roles: ['operator'] };
    expect(problems({ ...MINIMAL, keys: [key, { ...key, name: 'OPS' }] })).toEqual([
      'keys[1].name: is the name of another key too',
    ]);
    expect(problems({ ...MINIMAL, keys: [{ ...key, roles: ['king'] }] })[0]).toMatch(/^keys\[0\]\.roles\[0\]: /);
  });

  it.each([
    ['http://i-1.example.com/base', []],
    ['https://i-1.example.com:8443/', []],
    ['http://user:pass@i-1.example.com', ['publicUrl: must not contain a user name or password']],
    ['http://i-1.example.com/?a=b', ['publicUrl: must not contain a query (?) or fragment (#)']],
    ['http://i-1.example.com/#a', ['publicUrl: must not contain a query (?) or fragment (#)']],
    ['i-1.example.com', ['publicUrl: expected an address that begins with http:// or https://']],
  ])('starts its links with %s: %j', (publicUrl, expected) => {
    expect(problems({ ...MINIMAL, publicUrl })).toEqual(expected);
  });

  it('does not let the longest wait be shorter than the first, nor a wait be none or overflow a timer', () => {
    const replication = (settings: object) => problems({ ...MINIMAL, replication: settings });
    expect(replication({ backoff: { first: '20m' } })).toEqual([
      'replication.backoff.cap: is shorter than replication.backoff.first',
    ]);
    expect(replication({ backoff: { first: '0s' } })).toEqual(['replication.backoff.first: at least 1ms']);
    expect(replication({ replayEvery: '0s' })).toEqual(['replication.replayEvery: at least 1s']);
    expect(replication({ replayEvery: '30d' })).toEqual(['replication.replayEvery: at most 24d']);
  });

  it.each([[null], ['text'], [[]], [42]])('is an object of settings, not %j', (raw) => {
    expect(problems(raw)).toHaveLength(1);
  });

  it('repeats no key in what it says', () => {
    const raw = { ...MINIMAL, securityKey: ['hunter2'], peers: [{ ...PEER, securityKey: { a: 'hunter2' } }] };
    expect(problems(raw)).toHaveLength(2);
    expect(problems(raw).join()).not.toContain('hunter2');
  });
});
