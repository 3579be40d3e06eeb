import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFolder } from './testing/config-folder.ts';

const MINIMAL = 'name: s1\npublicUrl: http://i-1.example.com\nsecurityKey: vT3xW9-qLm2_Zk7pR4sN\n';

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
});
afterEach(() => folder.remove());

describe('agent.yaml', () => {
  it('is read from the folder one stands in when nothing is named, with every path absolute', async () => {
    await folder.write('agent.yaml', MINIMAL);
    const { config, warnings, sourceFile } = await folder.load();
    expect(warnings).toEqual([]);
    expect(sourceFile).toBe(join(folder.dir, 'agent.yaml'));
    expect(config).toMatchObject({
      name: 's1',
      dataDir: join(folder.dir, 'data'),
      imagesDir: join(folder.dir, 'data/images'),
      logDir: join(folder.dir, 'data/log'),
    });
  });

  it('has paths that start at its own folder, wherever one stands', async () => {
    await folder.write('etc/agent.yaml', `${MINIMAL}dataDir: ../data\nimagesDir: /srv/images\nlogDir: log\n`);
    const { config } = await folder.load({ file: 'etc/agent.yaml' });
    expect([config.dataDir, config.imagesDir, config.logDir]).toEqual([
      join(folder.dir, 'data'),
      '/srv/images',
      join(folder.dir, 'etc/log'),
    ]);
  });

  it('can be JSON, with tabs and a byte order mark', async () => {
    await folder.write(
      'agent.json',
      '\ufeff{\r\n\t"name": "s1",\r\n\t"publicUrl": "http://i", "limits": { "svg": true }\r\n}',
    );
    const { config } = await folder.load({ file: 'agent.json' });
    expect(config.limits.svg).toBe(true);
  });

  it('is frozen to its depths', async () => {
    await folder.write('agent.yaml', `${MINIMAL}peers: [{ name: s2, url: http://s2, securityKey: k }]\n`);
    const { config } = await folder.load();
    for (const part of [config, config.peers, config.peers[0], config.limits, config.replication.backoff]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('tells every problem in one error, each on a line with its place', async () => {
    await folder.write(
      'agent.yaml',
      [
        'name: s1',
        'listen: 0.0.0.0:7401',
        'securityKey: asdfdsfsdf',
        'peers:',
        '  - name: s2',
        '    url: s2',
        '    kee: x',
        'limits:',
        '  fileSize: big',
        'nmae: x',
      ].join('\n'),
    );
    const { code, lines } = await folder.refusal({ env: { IMAGEFLEET_TIMEZONE: 'Mars' }, listen: undefined });
    expect(code).toBe('CFG_INVALID');
    expect(lines[0]).toBe('The configuration agent.yaml has 8 problems:');
    expect(lines.slice(1).toSorted()).toEqual([
      'IMAGEFLEET_TIMEZONE: expected a time zone such as Asia/Shanghai',
      'agent.yaml: publicUrl: is missing',
      'agent.yaml:10: nmae: is no known setting',
      'agent.yaml:3: securityKey: is a sample key that everybody knows, and 0.0.0.0:7401 can be reached by others; use a random text of at least 16 characters',
      'agent.yaml:5: peers[0].securityKey: is missing, and so is peerKey',
      'agent.yaml:6: peers[0].url: expected an address that begins with http:// or https://',
      'agent.yaml:7: peers[0].kee: is no known setting',
      'agent.yaml:9: limits.fileSize: expected a number with a unit, such as 512KB, 10MB or 2GB',
    ]);
  });

  it.each([
    ['a: [1, 2', /^agent\.yaml:1:\d+: /],
    ['name: s1\nlimits:\n  svg: [a: {]\n', /^agent\.yaml:3:\d+: /],
    ['name: s1\nname: s2\n', /^agent\.yaml:2:1: Map keys must be unique/],
    ['name: "s1\n', /^agent\.yaml:\d:\d+: Missing closing "quote/],
    ['a: 1\n---\nb: 2\n', /^agent\.yaml:\d:\d+: Source contains multiple documents/],
  ])('has its errors of syntax told with line and column: %j', async (text, expected) => {
    await folder.write('agent.yaml', text);
    const { code, lines } = await folder.refusal();
    expect(code).toBe('CFG_INVALID');
    expect(lines[0]).toBe('agent.yaml is not valid YAML:');
    expect(lines[1]).toMatch(expected);
  });

  it('never quotes a key in an error of syntax', async () => {
    await folder.write('agent.yaml', 'securityKey: hunter2: [\n');
    expect((await folder.refusal()).lines.join()).not.toContain('hunter2');
  });

  it('may be empty or no list of settings, and says what is missing', async () => {
    await folder.write('agent.yaml', '# nothing yet\n');
    expect((await folder.refusal()).lines).toEqual([
      'The configuration agent.yaml has 2 problems:',
      'agent.yaml: name: is missing',
      'agent.yaml: publicUrl: is missing',
    ]);
    for (const text of ['just text', '- a\n- b\n', '42']) {
      await folder.write('agent.yaml', text);
      expect((await folder.refusal({ env: { IMAGEFLEET_LISTEN: '127.0.0.1:1' } })).code).toBe('CFG_INVALID');
    }
  });

  it('is refused when aliases multiply, before they fill the memory', async () => {
    const lines = Array.from(
      { length: 12 },
      (_, index) =>
        `a${String(index + 1)}: &a${String(index + 1)} [${Array(9)
          .fill(`*a${String(index)}`)
          .join(', ')}]`,
    );
    await folder.write('agent.yaml', ['a0: &a0 [x, x, x]', ...lines].join('\n'));
    expect((await folder.refusal()).code).toBe('CFG_INVALID');
  });

  it('is not found: the error says what one can do', async () => {
    const { code, hint, lines } = await folder.refusal();
    expect(code).toBe('CFG_UNREADABLE');
    expect(lines).toEqual(['There is no agent.yaml in ..']);
    expect(hint).toContain('--config');
    expect(hint).toContain('--web-config');
  });

  it('cannot be read: the error says why', async () => {
    expect((await folder.refusal({ file: 'other.yaml' })).lines).toEqual([
      'Cannot read other.yaml: there is no such file.',
    ]);
    await folder.write('x/y', '');
    expect((await folder.refusal({ file: 'x' })).lines).toEqual(['Cannot read x: it is a folder.']);
    await folder.write('big.yaml', Buffer.alloc(5 * 1024 * 1024, '#'));
    expect((await folder.refusal({ file: 'big.yaml' })).lines).toEqual(['big.yaml is too large for a configuration']);
    await folder.write('latin.yaml', Buffer.from([0x6e, 0xe9, 0x3a]));
    expect((await folder.refusal({ file: 'latin.yaml' })).lines).toEqual(['latin.yaml is not UTF-8 text.']);
  });

  it('is not read beside a web.config', async () => {
    expect((await folder.refusal({ file: 'agent.yaml', webConfig: 'web.config' })).lines[0]).toContain('not both');
  });
});

describe('what wins', () => {
  it('is the command line over the environment over the file', async () => {
    await folder.write('agent.yaml', `${MINIMAL}listen: 127.0.0.1:1\n`);
    const env = { IMAGEFLEET_LISTEN: '127.0.0.1:2' };
    expect((await folder.load()).config.listen).toBe('127.0.0.1:1');
    expect((await folder.load({ env })).config.listen).toBe('127.0.0.1:2');
    expect((await folder.load({ env, listen: '127.0.0.1:3' })).config.listen).toBe('127.0.0.1:3');
  });

  it('is named as the place of a problem', async () => {
    await folder.write('agent.yaml', MINIMAL);
    expect((await folder.refusal({ listen: 'nowhere' })).lines[1]).toMatch(/^--listen: expected host:port/);
    expect((await folder.refusal({ env: { IMAGEFLEET_LISTEN: 'x' } })).lines[1]).toMatch(
      /^IMAGEFLEET_LISTEN: expected/,
    );
  });
});

describe('weak keys', () => {
  it('are warned of on loopback and refused elsewhere', async () => {
    await folder.write('agent.yaml', 'name: s1\npublicUrl: http://i\nsecurityKey: changeme\n');
    const { warnings } = await folder.load();
    expect(warnings).toEqual([expect.stringMatching(/^securityKey is a sample key/)]);
    const { lines } = await folder.refusal({ listen: '0.0.0.0:80' });
    expect(lines).toEqual([
      'The configuration agent.yaml has one problem:',
      expect.stringMatching(/^agent\.yaml:3: securityKey: is a sample key/) as string,
    ]);
  });
});
