import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFolder } from './testing/config-folder.ts';

const SEED = join(import.meta.dirname, '../../test/fixtures/legacy');

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
  await cp(SEED, folder.dir, { recursive: true });
});
afterEach(() => folder.remove());

const load = (listen?: string) => folder.load({ webConfig: 'web.config', listen });
const refusal = () => folder.refusal({ webConfig: 'web.config' });

function webConfig(settings: Readonly<Record<string, string>>): string {
  const all = {
    ServerName: 's1',
    Servers: '/servers.xml',
    SecurityKey: 'k1',
    Log: '/log',
    Domain: 'http://i',
    ...settings,
  };
  const lines = Object.entries(all).map(([key, value]) => `<add key="${key}" value="${value}"/>`);
  return `<?xml version="1.0"?>\n<configuration>\n<appSettings>\n${lines.join('\n')}\n</appSettings>\n</configuration>`;
}
const serversXml = (...servers: readonly string[]) => `<Servers>\n${servers.join('\n')}\n</Servers>`;
const S1 = '<Server Name="s1" Uri="http://s1/do.ashx" SecurityKey="k1"/>';

describe('the old configuration', () => {
  it('is read as it is', async () => {
    const { config, warnings, sourceFile } = await load();
    expect(sourceFile).toBe(join(folder.dir, 'web.config'));
    expect(config).toMatchObject({
      name: 's1',
      listen: '127.0.0.1:7401',
      publicUrl: 'http://i-2.xx.com',
      securityKey: 'asdfdsfsdf',
      peers: [{ name: 's2', url: 'http://s2.i-2.upload.xx.com', securityKey: 'asdfdsfsdf' }],
      dataDir: join(folder.dir, '.imagefleet'),
      imagesDir: folder.dir,
      logDir: join(folder.dir, 'log'),
    });
    expect(warnings).toEqual([expect.stringContaining('securityKey is a sample key')]);
  });

  it('listens where the command line says, but not with a sample key where others can reach it', async () => {
    expect((await load('127.0.0.1:7500')).config.listen).toBe('127.0.0.1:7500');
    const { lines } = await folder.refusal({ webConfig: 'web.config', listen: '0.0.0.0:80' });
    expect(lines[1]).toMatch(/^web\.config:17: SecurityKey: is a sample key that everybody knows/);
  });

  it('takes its own name for no peer in any case, and cuts do.ashx in any case', async () => {
    await folder.write('web.config', webConfig({ ServerName: 'S1' }));
    await folder.write(
      'servers.xml',
      serversXml(
        S1,
        '<server name="s2" URI=" http://s2:8080/DO.ASHX " securitykey="k&amp;2&#x4e2d;"/>',
        '<Server Name="s3" Uri="https://s3/" SecurityKey="k3" Extra="1"/>',
      ),
    );
    expect((await load()).config.peers).toEqual([
      { name: 's2', url: 'http://s2:8080', securityKey: 'k&2中' },
      { name: 's3', url: 'https://s3/', securityKey: 'k3' },
    ]);
  });

  it('takes names as they are, also in Chinese', async () => {
    await folder.write('web.config', webConfig({ ServerName: '主服务器' }));
    await folder.write('servers.xml', serversXml(S1.replace('"s1"', '"主服务器"'), S1.replace('"s1"', '"备份 1"')));
    expect((await load()).config).toMatchObject({ name: '主服务器', peers: [{ name: '备份 1' }] });
  });

  it('is read in the encodings that Windows writes', async () => {
    const text = (await readFile(join(SEED, 'web.config'), 'utf8')).replaceAll('\n', '\r\n');
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [Buffer.from(`\ufeff${text}`), utf16, Buffer.from(utf16).swap16()]) {
      await folder.write('web.config', bytes);
      expect((await load()).config.name).toBe('s1');
    }
    const gb2312 = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="gb2312"?>\n<Servers><!--'),
      Buffer.from([0xb1, 0xb8, 0xb7, 0xdd]),
      Buffer.from(`-->${S1}<Server Name="s2" Uri="http://s2" SecurityKey="`),
      Buffer.from([0xc3, 0xdc, 0xd4, 0xbf]),
      Buffer.from('"/></Servers>'),
    ]);
    await folder.write('servers.xml', gb2312);
    expect((await load()).config.peers[0]?.securityKey).toBe('密钥');
  });

  it('says when the bytes are not in the encoding', async () => {
    await folder.write(
      'servers.xml',
      Buffer.concat([Buffer.from('<Servers><!--'), Buffer.from([0xb1, 0xb8]), Buffer.from('--></Servers>')]),
    );
    expect((await refusal()).lines[1]).toMatch(/^servers\.xml: is not text in UTF-8/);
    await folder.write('servers.xml', '<?xml version="1.0" encoding="klingon"?><Servers/>');
    expect((await refusal()).lines[1]).toMatch(/^servers\.xml: is not text in klingon/);
  });

  it('finds its files from the folder of web.config, however the path is written', async () => {
    await folder.write('conf/servers.xml', serversXml(S1));
    for (const path of ['/conf/servers.xml', '~/conf/servers.xml', 'conf/servers.xml', '\\conf\\servers.xml']) {
      await folder.write('web.config', webConfig({ Servers: path, Log: '/App_Data/log/' }));
      expect((await load()).config).toMatchObject({ peers: [], logDir: join(folder.dir, 'App_Data/log') });
    }
  });

  it('has keys as ASP.NET reads them: in any case, the last one wins', async () => {
    const text = webConfig({}).replace(
      '</appSettings>',
      '<add key="domain" value="http://later/"/><remove key="x"/></appSettings>',
    );
    await folder.write('web.config', text);
    expect((await load()).config.publicUrl).toBe('http://later/');
  });

  it('tells all that is wrong in both files at once, by the names and lines that stand there', async () => {
    await folder.write('web.config', webConfig({ ServerName: '-主', Domain: 'i-2.xx.com', Log: '../log' }));
    await folder.write(
      'servers.xml',
      serversXml(
        '<Server Name="s2" Uri="s2/do.ashx" SecurityKey="k"/>',
        '<Server Uri="http://s3"/>',
        '<Sever/>',
        '<Server Name="S2" Uri="http://s4/app/do.ashx" SecurityKey=""/>',
      ),
    );
    const { code, lines } = await refusal();
    expect(code).toBe('CFG_INVALID');
    expect(lines.slice(1).toSorted()).toEqual([
      'servers.xml:2: Uri: expected an address that begins with http:// or https://',
      'servers.xml:3: Name: is missing',
      'servers.xml:3: SecurityKey: is missing',
      'servers.xml:4: <Sever> is not a <Server>',
      'servers.xml:5: Name: is the name of another peer too',
      'servers.xml:5: SecurityKey: is empty',
      'servers.xml:5: Uri: must not contain a path',
      'web.config:4: ServerName: expected letters, digits, dot, dash, underscore and inner spaces, beginning with a letter or digit, at most 63',
      'web.config:7: Log: expected a path inside the site, such as /log or /servers.xml',
      'web.config:8: Domain: expected an address that begins with http:// or https://',
    ]);
  });

  it('lists the settings that are missing', async () => {
    await folder.write(
      'web.config',
      '<configuration><appSettings><add key="Log" value="D:\\log"/></appSettings></configuration>',
    );
    expect((await refusal()).lines.slice(1).toSorted()).toEqual([
      'web.config: Domain: is missing',
      'web.config: SecurityKey: is missing',
      'web.config: ServerName: is missing',
      'web.config: Servers: is missing',
      'web.config:1: Log: expected a path inside the site, such as /log or /servers.xml',
    ]);
    await folder.write('web.config', '<settings/>');
    expect((await refusal()).lines).toContain('web.config: has no <appSettings> in <configuration>');
    await folder.write('web.config', webConfig({}).replace('<appSettings>', '<appSettings configSource="a.config">'));
    expect((await refusal()).lines[1]).toMatch(/^web\.config:3: takes appSettings from another file/);
  });

  it.each([
    ['<Servers><Server></Servers>', /^servers\.xml:1:\d+: is not well-formed XML/],
    ['', /^servers\.xml:1:1: is not well-formed XML/],
    ['Servers', /^servers\.xml:1:1: is not well-formed XML/],
    ['<Servers/><Servers/>', /^servers\.xml: must have one root element/],
    ['<List/>', /^servers\.xml:1: the root element must be <Servers>, not <List>/],
    ['<!DOCTYPE Servers [<!ENTITY a "b">]><Servers/>', /^servers\.xml: must not contain a DOCTYPE/],
    ['<Servers><Server __proto__="x"/></Servers>', /^servers\.xml: /],
  ])('is refused with the place when servers.xml is malformed: %j', async (text, expected) => {
    await folder.write('servers.xml', text);
    const { code, lines } = await refusal();
    expect(code).toBe('CFG_INVALID');
    expect(lines[1]).toMatch(expected);
  });

  it('is refused when a file is missing or web.config is malformed', async () => {
    await folder.write('web.config', webConfig({ Servers: '/none.xml' }));
    expect((await refusal()).lines[1]).toBe('Cannot read none.xml: there is no such file.');
    await folder.write('web.config', '<configuration>');
    expect((await refusal()).lines[0]).toMatch(/^web\.config:1:\d+: is not well-formed XML/);
    expect((await folder.refusal({ webConfig: 'no.config' })).code).toBe('CFG_UNREADABLE');
  });

  it('warns when its own entry is missing or has another key', async () => {
    await folder.write('web.config', webConfig({ SecurityKey: 'vT3xW9-qLm2_Zk7pR4sN' }));
    await folder.write('servers.xml', serversXml(S1));
    expect((await load()).warnings).toEqual([
      expect.stringContaining('SecurityKey of s1 in servers.xml is not the one'),
    ]);
    await folder.write('servers.xml', serversXml('<Server Name="s2" Uri="http://s2" SecurityKey="k"/>'));
    expect((await load()).warnings).toEqual([expect.stringContaining('does not list s1')]);
  });

  it('takes settings that it does not have from the environment', async () => {
    const env = { IMAGEFLEET_LIMITS__FILESIZE: '5MB', IMAGEFLEET_LISTEN: '127.0.0.1:9' };
    expect((await folder.load({ webConfig: 'web.config', env })).config).toMatchObject({
      listen: '127.0.0.1:9',
      limits: { fileSize: 5 * 1024 ** 2 },
    });
  });
});
