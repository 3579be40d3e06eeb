import { describe, expect, it } from 'vitest';
import { formatConfigPath, type ConfigProblem } from './config-rules.ts';
import { parseAgentConfig } from './parse-agent-config.ts';
import { parseMonitorConfig } from './parse-monitor-config.ts';

function lines(parsed: { readonly problems: readonly ConfigProblem[] } | object): readonly string[] {
  if (!('problems' in parsed)) return [];
  return parsed.problems.map(({ path, message }) => `${formatConfigPath(path)}: ${message}`).toSorted();
}

const alone = (raw: object) => lines(parseMonitorConfig({ servers: [], ...raw }));
const inAgent = (monitor: object, rest: object = {}) =>
  lines(parseAgentConfig({ name: 's1', publicUrl: 'http://i', securityKey: 'k', ...rest, monitor }));

const S2 = { name: 's2', url: 'http://10.0.0.2:7401', securityKey: 'k' };
const XML = { path: 'status.xml', format: 'aspnet' };

describe('the configuration of a monitor', () => {
  it('needs servers, which may be none, and has a default for the rest', () => {
    expect(lines(parseMonitorConfig({}))).toEqual(['servers: is missing']);
    expect(parseMonitorConfig({ servers: [] })).toEqual({
      config: {
        ...{
          name: 'monitor',
          listen: '127.0.0.1:7400',
          keys: [],
          dataDir: './monitor-data',
          servers: [],
          witnesses: [],
        },
        ...{ interval: 2000, fastInterval: 400, timeout: 1000, fall: 3, rise: 2, warmUp: 10_000 },
        ...{ statusFiles: [], hooks: [] },
      },
    });
  });

  it('takes servers as host:port, or with all that can be said of them', () => {
    const http = { path: '/up?x=1', tls: true, statuses: ['200-299', 404, '503'], body: 'OK' };
    const parsed = parseMonitorConfig({
      servers: [
        'localhost:42424',
        '[::1]:80',
        { name: 'shop', address: 'shop:80', weight: 5, http },
        { address: 'a:1', http: {} },
      ],
    });
    expect(parsed).toMatchObject({
      config: {
        servers: [
          { address: 'localhost:42424', weight: 1 },
          { address: '[::1]:80', weight: 1 },
          {
            ...{ name: 'shop', address: 'shop:80', weight: 5 },
            http: {
              ...http,
              statuses: [
                { from: 200, to: 299 },
                { from: 404, to: 404 },
                { from: 503, to: 503 },
              ],
            },
          },
          { address: 'a:1', http: { path: '/', tls: false } },
        ],
      },
    });
  });

  it('tells hooks what to do by a program or by an address, at ups and downs unless they say more', () => {
    const parsed = parseMonitorConfig({
      servers: ['a:1'],
      hooks: [
        { exec: ['/bin/tell', '--now'] },
        { on: ['incident', 'recovery'], servers: ['a:1'], webhook: 'https://h/?token=1', secret: 's', timeout: '3s' },
      ],
    });
    expect(parsed).toMatchObject({
      config: {
        hooks: [
          { on: ['up', 'down'], exec: ['/bin/tell', '--now'], timeout: 10_000 },
          { on: ['incident', 'recovery'], servers: ['a:1'], webhook: 'https://h/?token=1', secret: 's', timeout: 3000 },
        ],
      },
    });
  });

  it('tells all problems together, each with its place', () => {
    const found = alone({
      ...{ interval: '1s', fastInterval: '2s', timeout: '10ms', fall: 0, rise: 'x', warmUp: '25h', adress: 'a:1' },
      servers: [
        'nowhere',
        80,
        { name: 'a', address: 'a:1', wieght: 1 },
        { name: 'A', address: 'b:1', weight: 0 },
        'A:1',
        { address: 'c:1', http: { path: 'up', statuses: [99, '300-200'], tls: 'perhaps' } },
      ],
      statusFiles: [
        { path: '', format: 'xml' },
        { path: 'u.json', format: 'json', upstream: 'u' },
      ],
      hooks: [
        {},
        { exec: ['x'], webhook: 'http://h' },
        { exec: [], on: ['gone'], secret: 's' },
        { webhook: 'ftp://h', servers: ['a', 'nobody'], timeout: '1h' },
      ],
      witnesses: [
        { name: 's1', url: 'http://s1/x' },
        { name: 'S1', url: 'http://s2', securityKey: 'k' },
      ],
    });
    expect(found).toEqual(
      [
        'fastInterval: is longer than interval',
        'timeout: at least 50ms',
        'fall: expected a whole number from 1 to 100',
        'rise: expected a whole number from 1 to 100',
        'warmUp: at most 24h',
        'adress: is no known setting',
        'servers[0].address: expected host:port with a port from 1 to 65535, IPv6 in brackets',
        'servers[1]: expected host:port, or { address: host:port } with more settings',
        'servers[2].wieght: is no known setting',
        'servers[3].name: is the name of another server too',
        'servers[3].weight: expected a whole number from 1 to 1000',
        'servers[4].address: is the address of another server too',
        'servers[5].http.path: expected a path that begins with / and is percent-encoded',
        'servers[5].http.statuses[0]: expected a status such as 204 or a range such as 200-299',
        'servers[5].http.statuses[1]: expected a status such as 204 or a range such as 200-299',
        'servers[5].http.tls: expected true or false',
        'statusFiles[0].path: is empty',
        'statusFiles[0].format: expected one of aspnet, json, nginx',
        'statusFiles[1].upstream: belongs to format nginx only',
        'hooks[0]: needs exec or webhook',
        'hooks[1]: has exec and webhook; give one',
        'hooks[2].exec: is empty',
        'hooks[2].on[0]: expected one of up, down, warming, unknown, maintenance, incident, recovery',
        'hooks[2].secret: belongs to a webhook only',
        'hooks[3].webhook: expected an address that begins with http:// or https://',
        'hooks[3].servers[1]: no server is called nobody',
        'hooks[3].timeout: at most 10m',
        'witnesses[0].url: must not contain a path',
        'witnesses[0].securityKey: is missing',
        'witnesses[1].name: is the name of another witness too',
      ].toSorted(),
    );
  });

  it('compares the fast interval with the interval that is in force', () => {
    expect(alone({ fastInterval: '3s' })).toEqual(['fastInterval: is longer than interval']);
    expect(alone({ interval: '100ms' })).toEqual(['fastInterval: is longer than interval']);
    expect(alone({ interval: '3s', fastInterval: '3s' })).toEqual([]);
    expect(alone({ interval: 'soon', fastInterval: '3s' })).toEqual([
      'fastInterval: is longer than interval',
      'interval: expected a number with a unit, such as 500ms, 2s, 10m or 7d',
    ]);
  });

  it('refuses two ports on one host for ASP.NET, each with its place, and for no other form', () => {
    const servers = ['h1:1', 'h2:1', 'H1:2', 'h1:3'];
    expect(alone({ servers, statusFiles: [XML] })).toEqual([
      expect.stringMatching(/^servers\[2\]\.address: H1:2 is on the same host as h1:1, and ASP\.NET refuses/),
      expect.stringMatching(/^servers\[3\]\.address: h1:3 is on the same host as h1:1, /),
    ]);
    expect(
      alone({
        servers,
        statusFiles: [
          { path: 'a', format: 'json' },
          { path: 'b', format: 'nginx' },
        ],
      }),
    ).toEqual([]);
    expect(alone({ servers })).toEqual([]);
  });

  it('knows a server again under another spelling of its IPv6 address', () => {
    const servers = ['[::1]:80', '[0:0:0:0:0:0:0:1]:80', '[::1]:81', { name: 'b', address: '[0::1]:81' }];
    expect(alone({ servers })).toEqual([
      'servers[1].address: is the address of another server too',
      'servers[3].address: is the address of another server too',
    ]);
  });

  it('watches ten thousand servers and not one more, and finds the one that is there twice', () => {
    const servers = Array.from(
      { length: 10_000 },
      (_, index) => `10.1.${String(index >> 8)}.${String(index & 255)}:42424`,
    );
    expect(alone({ servers, statusFiles: [XML] })).toEqual([]);
    expect(alone({ servers: servers.with(9999, servers[0] ?? '') })).toEqual([
      'servers[9999].address: is the address of another server too',
    ]);
    expect(alone({ servers: [...servers, 'a:1'] })).toEqual(['servers: at most 10000 servers']);
  });

  it.each([[null], ['text'], [42], [[]]])('is an object of settings, not %j', (raw) => {
    expect(lines(parseMonitorConfig(raw))).toHaveLength(1);
    expect(inAgent(raw as object).length).toBeLessThan(2);
  });

  it('survives lists and records of every wrong kind', () => {
    const wrong = [null, 1, 'x', [], {}, [null], [1], [[]], { a: 1 }];
    for (const value of wrong) {
      for (const key of ['servers', 'statusFiles', 'hooks', 'witnesses', 'keys', 'interval']) {
        const found = lines(parseMonitorConfig({ servers: [], [key]: value }));
        const isEmptyList = Array.isArray(value) && value.length === 0 && key !== 'interval';
        expect([key, value, found.length > 0]).toEqual([key, value, !isEmptyList]);
      }
    }
  });
});

describe('the monitor of an agent', () => {
  it('takes no name and lists no agent that is there already', () => {
    const servers = [
      { name: 's1', address: 'a:1' },
      { name: 'S2', address: 'b:1' },
      { name: 's3', address: 'c:1' },
    ];
    expect(inAgent({ servers }, { peers: [S2] })).toEqual([
      'monitor.servers[0].name: is the name of another server too',
      'monitor.servers[1].name: is the name of another server too',
    ]);
  });

  it('knows its agents by name where hooks ask for them', () => {
    const hooks = [{ exec: ['x'], servers: ['s1', 's2', 's3'] }];
    expect(inAgent({ hooks }, { peers: [S2] })).toEqual(['monitor.hooks[0].servers[2]: no server is called s3']);
  });

  it('has to say where others reach it, when status files list it and listen does not say so', () => {
    const listen = { listen: '0.0.0.0:7401' };
    expect(inAgent({ statusFiles: [XML] }, listen)).toEqual([
      'monitor.address: is missing: status files list this server, and listen does not say where others reach it',
    ]);
    expect(inAgent({ statusFiles: [XML], address: '10.0.0.1:7401' }, listen)).toEqual([]);
    expect(inAgent({ statusFiles: [XML], servers: ['a:1'] }, listen)).toEqual([]);
    expect(inAgent({}, listen)).toEqual([]);
    expect(inAgent({ statusFiles: [XML] })).toEqual([]);
  });

  it('refuses two agents on one host for ASP.NET, at the address of the second', () => {
    const peers = [
      S2,
      { ...S2, name: 's3', url: 'http://127.0.0.1:7403' },
      { ...S2, name: 's4', url: 'http://10.0.0.2' },
    ];
    expect(inAgent({ statusFiles: [XML] }, { peers })).toEqual([
      expect.stringMatching(/^peers\[1\]\.url: 127\.0\.0\.1:7403 is on the same host as 127\.0\.0\.1:7401, /),
      expect.stringMatching(/^peers\[2\]\.url: 10\.0\.0\.2:80 is on the same host as 10\.0\.0\.2:7401, /),
    ]);
    expect(inAgent({ statusFiles: [XML], servers: ['a:1'] }, { peers })).toEqual([]);
  });

  it('has no API and no witnesses of its own', () => {
    expect(inAgent({ listen: '127.0.0.1:1', witnesses: [], dataDir: 'x' })).toEqual([
      'monitor.dataDir: is no known setting',
      'monitor.listen: is no known setting',
      'monitor.witnesses: is no known setting',
    ]);
  });
});
