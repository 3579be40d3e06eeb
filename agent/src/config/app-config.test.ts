import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFolder } from './testing/config-folder.ts';

let folder: ConfigFolder;
beforeEach(async () => {
  folder = await ConfigFolder.make();
});
afterEach(() => folder.remove());

const load = async (text: string | Uint8Array, platform: NodeJS.Platform = 'linux') => {
  await folder.write('app.config', text);
  return folder.loadMonitor({ file: 'app.config', platform });
};
const refusal = async (text: string, platform: NodeJS.Platform = 'linux') => {
  await folder.write('app.config', text);
  const { code, lines } = await folder.monitorRefusal({ file: 'app.config', platform });
  expect(code).toBe('CFG_INVALID');
  return lines;
};
const addresses = async (servers: string): Promise<readonly string[]> =>
  (await load(`<configuration><Servers>${servers}</Servers></configuration>`)).config.servers.map(
    ({ address }) => address,
  );

/** As the article has it, with the sections declared as .NET wants them. */
const OLD = `<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <configSections>
    <section name="Servers" type="System.Configuration.DictionarySectionHandler" />
    <section name="StatusFilePaths" type="System.Configuration.DictionarySectionHandler" />
  </configSections>
  <Servers>
    <!-- List of servers to poll -->
    <add key="Server1" value="localhost:42424" />
    <add key="Server2" value="appserver1:42424" />
    <add key="Server3" value="72.27.255.9:42424" />
  </Servers>
  <StatusFilePaths>
    <add key="Web1" value="C:\\Inetpub\\wwwroot\\MyWeb1\\server_status.config.xml" />
    <add key="Web2" value="C:\\Inetpub\\wwwroot\\SuperWeb2\\server_status.config.xml" />
  </StatusFilePaths>
  <appSettings>
    <add key="ServerWarmUpTime" value="30" />
  </appSettings>
  <startup><supportedRuntime version="v2.0.50727" /></startup>
</configuration>`;

describe('the app.config of the old service', () => {
  it('is read as it is', async () => {
    const { config, warnings } = await load(OLD, 'win32');
    expect(config).toMatchObject({
      servers: [{ address: 'localhost:42424' }, { address: 'appserver1:42424' }, { address: '72.27.255.9:42424' }],
      statusFiles: [
        { path: 'C:\\Inetpub\\wwwroot\\MyWeb1\\server_status.config.xml', format: 'aspnet' },
        { path: 'C:\\Inetpub\\wwwroot\\SuperWeb2\\server_status.config.xml', format: 'aspnet' },
      ],
      ...{ warmUp: 30_000, interval: 2000, listen: '127.0.0.1:7400', dataDir: join(folder.dir, 'monitor-data') },
    });
    expect(warnings).toEqual([expect.stringContaining('securityKey is missing')]);
  });

  it('is known by its content, whatever its name and encoding', async () => {
    const utf16 = Buffer.from(`\ufeff${OLD.replace('utf-8', 'utf-16')}`, 'utf16le');
    for (const bytes of [
      Buffer.from(`\ufeff\r\n${OLD.slice(OLD.indexOf('\n'))}`),
      utf16,
      Buffer.from(utf16).swap16(),
    ]) {
      await folder.write('monitor.yaml', bytes);
      expect((await folder.loadMonitor({ platform: 'win32' })).config.servers).toHaveLength(3);
    }
  });

  it('is refused on another system as long as its paths are those of Windows', async () => {
    expect((await refusal(OLD)).slice(1)).toEqual([
      expect.stringMatching(/^app\.config:14: Web1: is a path of Windows, and this monitor runs on linux; /),
      expect.stringMatching(/^app\.config:15: Web2: is a path of Windows/),
    ]);
    const { config } = await load(OLD.replaceAll(/C:\\.*\\/g, 'www/').replace('www/', '/srv/'));
    expect(config.statusFiles.map(({ path }) => path)).toEqual([
      '/srv/server_status.config.xml',
      join(folder.dir, 'www/server_status.config.xml'),
    ]);
  });

  it('has keys as .NET reads them: in any case, the last one wins, and remove and clear count', async () => {
    expect(await addresses('<add key="A" value="a:1"/><ADD KEY="a" VALUE=" b:1 "/><add key="c" value="c:1"/>')).toEqual(
      ['b:1', 'c:1'],
    );
    expect(await addresses('<add key="a" value="a:1"/><clear/><add key="b" value="b:1"/><remove key="B"/>')).toEqual(
      [],
    );
    expect(await addresses('')).toEqual([]);
  });

  it('may list one server twice, which is watched once', async () => {
    const { config, warnings } = await load(
      '<configuration><Servers><add key="x" value="a:1"/><add key="y" value="A:1"/></Servers></configuration>',
    );
    expect(config.servers).toHaveLength(1);
    expect(warnings[0]).toBe('y and x in <Servers> are the same server, a:1.');
  });

  it('has settings that nobody knows, which are named and ignored', async () => {
    const text = OLD.replace(
      '</appSettings>',
      '<add key="PollInterval" value="5"/><add key="ConnectTimeout" value="2"/></appSettings>',
    );
    expect((await load(text, 'win32')).warnings[0]).toBe(
      'These settings of appSettings are not known here and are ignored: PollInterval, ConnectTimeout.',
    );
  });

  it('is refused with two ports on one host, by the keys and lines that stand there', async () => {
    expect(
      await refusal(
        OLD.replace('appserver1:42424', 'LOCALHOST:42425').replaceAll('C:\\Inetpub\\', '/').replaceAll('\\', '/'),
      ),
    ).toEqual([
      'The configuration app.config has one problem:',
      'app.config:10: Server2: LOCALHOST:42425 is on the same host as localhost:42424, and ASP.NET refuses a file ' +
        '(format aspnet) with two ports on one host; use json or nginx, or another name for the host',
    ]);
  });

  it('may have ten thousand servers, and names the line of each that is wrong', async () => {
    const adds = Array.from(
      { length: 10_000 },
      (_, index) => `<add key="S${String(index)}" value="h${String(index)}:0"/>`,
    );
    const text = ['<configuration><Servers>', ...adds, '</Servers></configuration>'].join('\n');
    const lines = await refusal(text);
    expect(lines).toHaveLength(10_001);
    expect(lines.at(-1)).toMatch(/^app\.config:10001: S9999: expected host:port/);
    expect((await load(text.replaceAll(':0"', ':1"'))).config.servers).toHaveLength(10_000);
  });

  it('tells all that is wrong at once', async () => {
    const text = `<configuration>
<Servers>
<add key="S1" value="nowhere"/>
<add key="S2" value="nowhere"/>
<add key="S3"/>
<add value="a:1"/>
<server key="S4" value="a:1"/>
</Servers>
<StatusFilePaths>
<add key="W1" value="s.xml"/>
<add key="W2" value="./s.xml"/>
<add key="W3" value=""/>
<add key="W4" value="app.config"/>
</StatusFilePaths>
<appSettings file="more.config"><add key="serverwarmuptime" value="1.5"/></appSettings>
</configuration>`;
    expect((await refusal(text)).slice(1)).toEqual([
      'app.config:5: Servers: <add> of S3 has no value',
      'app.config:6: Servers: <add> has no key',
      'app.config:7: Servers: <server> is no <add>',
      'app.config:15: appSettings: is taken from another file; put its entries here',
      'app.config:15: serverwarmuptime: expected whole seconds, such as 30',
      'app.config:3: S1: expected host:port with a port from 1 to 65535, IPv6 in brackets',
      'app.config:4: S2: expected host:port with a port from 1 to 65535, IPv6 in brackets',
      'app.config:12: W3: is empty',
      'app.config:11: W2: is another status file too',
      'app.config:13: W4: is the configuration itself',
    ]);
  });

  it('has a warm-up of at most a day', async () => {
    expect((await refusal(OLD.replace('"30"', '"86401"')))[1]).toBe('app.config:18: ServerWarmUpTime: at most 24h');
    expect((await load(OLD.replace('"30"', '" 0 "'), 'win32')).config.warmUp).toBe(0);
  });

  it.each([
    ['<configuration/>', 'app.config: has no <Servers> in <configuration>'],
    ['<settings><Servers/></settings>', 'app.config:1: the root element must be <configuration>, not <settings>'],
  ])('is refused when it is another file: %s', async (text, expected) => {
    expect(await refusal(text)).toContain(expected);
  });

  it.each(['<configuration>', '<a/><b/>', '<!DOCTYPE x [<!ENTITY a "b">]><configuration/>', '<'])(
    'is refused when it is malformed: %s',
    async (text) => {
      expect((await refusal(text))[0]).toMatch(/^app\.config:/);
    },
  );

  it('takes what it does not have from the environment', async () => {
    await folder.write('app.config', OLD);
    const env = { IMAGEFLEET_MONITOR__FALL: '5', IMAGEFLEET_LISTEN: '127.0.0.1:9' };
    const { config } = await folder.loadMonitor({ file: 'app.config', env, platform: 'win32' });
    expect(config).toMatchObject({ fall: 5, listen: '127.0.0.1:9' });
  });
});
