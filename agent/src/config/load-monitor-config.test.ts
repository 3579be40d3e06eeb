import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFolder } from './testing/config-folder.ts';

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
});
afterEach(() => folder.remove());

describe('monitor.yaml', () => {
  it('is read from the folder one stands in when nothing is named, with every path absolute', async () => {
    await folder.write(
      'monitor.yaml',
      [
        'servers: [10.0.0.1:42424, "[::1]:42424"]',
        'statusFiles: [{ path: web/status.xml, format: aspnet }]',
        'hooks:',
        '  - exec: [hooks/tell.sh, ./argument]',
        '  - exec: [logger, /x]',
        'securityKey: vT3xW9-qLm2_Zk7pR4sN',
      ].join('\n'),
    );
    const { config, warnings, sourceFile } = await folder.loadMonitor();
    expect(warnings).toEqual([]);
    expect(sourceFile).toBe(join(folder.dir, 'monitor.yaml'));
    expect(config).toMatchObject({
      listen: '127.0.0.1:7400',
      dataDir: join(folder.dir, 'monitor-data'),
      servers: [{ address: '10.0.0.1:42424' }, { address: '[::1]:42424' }],
      statusFiles: [{ path: join(folder.dir, 'web/status.xml'), format: 'aspnet' }],
      hooks: [{ exec: [join(folder.dir, 'hooks/tell.sh'), './argument'] }, { exec: ['logger', '/x'] }],
    });
    expect(Object.isFrozen(config.hooks[0]?.exec)).toBe(true);
  });

  it('gives way to the environment, and that to the command line', async () => {
    await folder.write('m.json', '{"servers":["a:1"],"interval":"5s","listen":"127.0.0.1:1"}');
    const env = { IMAGEFLEET_MONITOR__INTERVAL: '3s', IMAGEFLEET_WARMUP: '1m', IMAGEFLEET_LISTEN: '127.0.0.1:2' };
    const { config } = await folder.loadMonitor({ file: 'm.json', env, listen: '127.0.0.1:3' });
    expect(config).toMatchObject({ interval: 3000, warmUp: 60_000, listen: '127.0.0.1:3' });
  });

  it('tells every problem in one error, each on a line with its place', async () => {
    await folder.write(
      'monitor.yaml',
      [
        'listen: 0.0.0.0:7400',
        'servers:',
        '  - h1:1',
        '  - h1:2',
        '  - { name: shop, adress: shop:80 }',
        'statusFiles:',
        '  - { path: a/status.xml, format: aspnet }',
        '  - { path: ./a/../a/status.xml, format: json }',
        '  - { path: monitor.yaml, format: json }',
        '  - { path: a/status.xml.lease, format: json }',
        '  - { path: "C:\\\\web\\\\status.xml", format: aspnet }',
        '  - { path: a/, format: json }',
        'hooks:',
        '  - { servers: [shop2], exec: [x] }',
      ].join('\n'),
    );
    const env = { IMAGEFLEET_MONITOR__FAST_INTERVAL: '1h' };
    const { code, lines } = await folder.monitorRefusal({ env, platform: 'linux' });
    expect(code).toBe('CFG_INVALID');
    expect(lines[0]).toBe('The configuration monitor.yaml has 11 problems:');
    expect(lines.slice(1).toSorted()).toEqual([
      'IMAGEFLEET_MONITOR__FAST_INTERVAL: is longer than interval',
      'monitor.yaml: securityKey: is missing, so everybody is let in, and 0.0.0.0:7400 can be reached by others; use a random text of at least 16 characters',
      'monitor.yaml:10: statusFiles[3].path: is the lease of another status file, which is written as .lease beside it',
      'monitor.yaml:11: statusFiles[4].path: is a path of Windows, and this monitor runs on linux; write where the file is to be on this machine',
      'monitor.yaml:12: statusFiles[5].path: is a folder; name the file in it',
      'monitor.yaml:14: hooks[0].servers[0]: no server is called shop2',
      expect.stringMatching(/^monitor\.yaml:4: servers\[1\]\.address: h1:2 is on the same host as h1:1, and ASP\.NET/),
      'monitor.yaml:5: servers[2].address: is missing',
      'monitor.yaml:5: servers[2].adress: is no known setting',
      'monitor.yaml:8: statusFiles[1].path: is another status file too',
      'monitor.yaml:9: statusFiles[2].path: is the configuration itself',
    ]);
  });

  it('takes paths of Windows on Windows, where case does not tell them apart', async () => {
    const file = (path: string) => JSON.stringify({ path, format: 'json' });
    await folder.write(
      'monitor.yaml',
      `servers: []\nstatusFiles: [${file('C:\\web\\a.json')}, ${file('c:/WEB/A.json')}]`,
    );
    expect((await folder.monitorRefusal({ platform: 'win32' })).lines.slice(1)).toEqual([
      'monitor.yaml:2: statusFiles[1].path: is another status file too',
    ]);
    await folder.write('monitor.yaml', `servers: []\nstatusFiles: [${file('C:\\web\\a.json')}]`);
    const { config } = await folder.loadMonitor({ platform: 'win32' });
    expect(config.statusFiles[0]?.path).toBe('C:\\web\\a.json');
  });

  it('does not write a status file over what the monitor itself keeps', async () => {
    const paths = ['monitor-data/monitor.sqlite-wal', 'monitor-data/maintenance.json', 'monitor-data/up.json'];
    const files = paths.map((path) => `{ path: ${path}, format: json }`).join(', ');
    await folder.write('monitor.yaml', `servers: []\nstatusFiles: [${files}]`);
    expect((await folder.monitorRefusal()).lines.slice(1)).toEqual([
      'monitor.yaml:2: statusFiles[0].path: is a file of our own',
      'monitor.yaml:2: statusFiles[1].path: is a file of our own',
    ]);
  });

  it('may have ten thousand servers, and names the line of the one that is wrong', async () => {
    const servers = Array.from(
      { length: 10_000 },
      (_, index) => `  - 10.1.${String(index >> 8)}.${String(index & 255)}:80`,
    );
    await folder.write('monitor.yaml', ['servers:', ...servers].join('\n'));
    expect((await folder.loadMonitor()).config.servers).toHaveLength(10_000);
    await folder.write('monitor.yaml', ['servers:', ...servers.with(9000, '  - 10.1.0.1')].join('\n'));
    expect((await folder.monitorRefusal()).lines[1]).toMatch(/^monitor\.yaml:9002: servers\[9000\]\.address: expected/);
  });

  it('lets everybody in on loopback without a key, and says so', async () => {
    await folder.write('monitor.yaml', 'servers: []');
    expect((await folder.loadMonitor()).warnings).toEqual([expect.stringContaining('so everybody is let in')]);
  });

  it('is not found: the error says what one can do', async () => {
    const { code, hint, lines } = await folder.monitorRefusal();
    expect([code, lines]).toEqual(['CFG_UNREADABLE', ['There is no monitor.yaml in ..']]);
    expect(hint).toContain('app.config');
    expect((await folder.monitorRefusal({ file: 'x.yaml' })).lines).toEqual([
      'Cannot read x.yaml: there is no such file.',
    ]);
  });

  it.each(['servers: [a:1', 'servers:\n - a:1\n - {', '', '- a\n', '42'])('may be malformed: %j', async (text) => {
    await folder.write('monitor.yaml', text);
    expect((await folder.monitorRefusal()).code).toBe('CFG_INVALID');
  });
});

describe('the status files of an agent', () => {
  const AGENT = 'name: s1\npublicUrl: http://i\nsecurityKey: vT3xW9-qLm2_Zk7pR4sN\n';

  it('start at the folder of its configuration', async () => {
    await folder.write('agent.yaml', `${AGENT}monitor: { statusFiles: [{ path: up.json, format: json }] }`);
    expect((await folder.load()).config.monitor.statusFiles[0]?.path).toBe(join(folder.dir, 'up.json'));
  });

  it('lie neither among the images nor where they would be swept away, nor on the configuration', async () => {
    const paths = [
      'data/images/2026/up.json',
      'data/tmp/up.json',
      'data/trash/a',
      'data/quarantine/a',
      'agent.yaml',
      'data/catalog.sqlite',
      'data/sessions.json',
      'data/up.json',
    ];
    const files = paths.map((path) => `{ path: ${path}, format: json }`).join(', ');
    await folder.write('agent.yaml', `${AGENT}monitor: { statusFiles: [${files}] }`);
    expect((await folder.refusal()).lines.slice(1)).toEqual([
      'agent.yaml:4: monitor.statusFiles[0].path: must not be inside data/images',
      'agent.yaml:4: monitor.statusFiles[1].path: must not be inside data/tmp',
      'agent.yaml:4: monitor.statusFiles[2].path: must not be inside data/trash',
      'agent.yaml:4: monitor.statusFiles[3].path: must not be inside data/quarantine',
      'agent.yaml:4: monitor.statusFiles[4].path: is the configuration itself',
      'agent.yaml:4: monitor.statusFiles[5].path: is a file of our own',
      'agent.yaml:4: monitor.statusFiles[6].path: is a file of our own',
    ]);
    await folder.write(
      'agent.yaml',
      `${AGENT}imagesDir: pics\nmonitor: { statusFiles: [{ path: pics/a, format: json }] }`,
    );
    expect((await folder.refusal()).lines[1]).toContain('must not be inside pics');
  });
});
