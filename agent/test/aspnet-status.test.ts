import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { snapshotOf, type ServerOfTest } from '@imagefleet/shared/testing/status-builders.ts';
import { StatusFiles } from '#monitor/status-files/status-files.ts';

const hasMono = spawnSync('mcs', ['--version']).status === 0 && spawnSync('mono', ['--version']).status === 0;
if (!hasMono) console.warn('aspnet-status: skipped, Mono (mono-mcs, mono-runtime) is not on this machine');

/** Names that a host may have, though few do. */
const ODD: readonly ServerOfTest[] = [
  ['a:1'],
  ['A:1', 'down'],
  ['10.0.0.1:65535'],
  ['[::1]:42424', 'warming'],
  ['[fe80::1%eth0]:42424'],
  ['under_score.example:42424'],
  ['xn--fiqs8s.example:42424'],
  ['图片-一.例子:42424', 'down'],
  ["o'brien:42424"],
  ['a&b<c>"d":42424'],
  ['--dashes--:42424'],
  ['trailing.dot.:42424'],
  [`${'x'.repeat(250)}:42424`],
];

/** The web.config of the old set-up, as far as it concerns the section. */
const APP_CONFIG = `<?xml version="1.0"?>
<configuration>
  <configSections>
    <section name="SessionStateServers" type="ServerListSectionHandler, StrictStatusReader" restartOnExternalChanges="false" />
  </configSections>
  <SessionStateServers configSource="server_status.config.xml" />
</configuration>
`;

describe.skipIf(!hasMono)('the configuration reader of .NET, with a strict section', () => {
  let dir: string;
  let count = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const source = join(import.meta.dirname, 'fixtures/StrictStatusReader.cs');
    const out = join(dir, 'StrictStatusReader.exe');
    const compiled = spawnSync('mcs', [`-out:${out}`, '-r:System.Configuration', '-r:System.Xml', source], {
      encoding: 'utf8',
    });
    if (compiled.status !== 0) throw new Error(compiled.stderr);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** A web application's folder whose status file our writer wrote; answers the folder. */
  async function written(servers: readonly ServerOfTest[], change = (text: string) => text): Promise<string> {
    const folder = join(dir, `web${String((count += 1))}`);
    await mkdir(folder);
    await writeFile(join(folder, 'app.config'), APP_CONFIG);
    const path = join(folder, 'server_status.config.xml');
    const files = new StatusFiles({ files: [{ path, format: 'aspnet' }], logger: silentLogger, now: () => 0 });
    await files.start();
    files.apply(snapshotOf(servers));
    await files.stop();
    expect(files.problems()).toEqual([]);
    await writeFile(path, change(await readFile(path, 'utf8')));
    return folder;
  }

  /** What it prints of one folder each. */
  async function read(...folders: readonly string[]): Promise<readonly string[]> {
    const env = { ...process.env, LC_ALL: 'C.UTF-8' };
    const { stdout } = await promisify(execFile)('mono', [join(dir, 'StrictStatusReader.exe'), ...folders], { env });
    return stdout.split('end\n').slice(0, folders.length);
  }

  const line = ([address, state = 'up']: ServerOfTest) => {
    const colon = address.lastIndexOf(':');
    return `${address.slice(0, colon)}\t${address.slice(colon + 1)}\t${state === 'up' ? 'True' : 'False'}`;
  };
  const sorted = (text: string | undefined) => (text ?? '').trim().split('\n').toSorted();

  it('takes what the monitor writes for no server, one, twenty, and names that are odd', async () => {
    const twenty = Array.from({ length: 20 }, (_, index): ServerOfTest => {
      return [`s${String(index)}.example:42424`, index % 3 === 0 ? 'down' : 'up'];
    });
    const [none, one, many, odd] = await read(
      await written([]),
      await written([['localhost:42424']]),
      await written(twenty),
      await written(ODD),
    );
    expect(none?.trim()).toBe('');
    expect(one?.trim()).toBe('localhost\t42424\tTrue');
    expect(sorted(many)).toEqual(twenty.map(line).toSorted());
    expect(sorted(odd)).toEqual(ODD.map(line).toSorted());
  });

  it('reads the servers in the order of the file', async () => {
    const [text] = await read(await written([['c:1'], ['a:1'], ['b:1']]));
    expect(text?.trim().split('\n')).toEqual(['a', 'b', 'c'].map((host) => `${host}\t1\tTrue`));
  });

  it('refuses what we therefore never write', async () => {
    const changes: readonly ((text: string) => string)[] = [
      (text) => text.replace('Online="true"', 'Online="true" Weight="1"'),
      (text) => text.replace('<Servers>', '<Servers Generation="1">'),
      (text) => text.replace('<SessionStateServers>', '<SessionStateServers Generation="1">'),
      (text) => text.replace('Host=', 'host='),
      (text) => text.replace('Online="true"', 'Online="1"'),
      (text) => text.replace(' Online="true"', ''),
      (text) => text.replaceAll('SessionStateServers', 'StateServers'),
      (text) => text.replace('<Servers>', '<Servers><add Host="a" Port="2" Online="true" />'),
      (text) => text.slice(0, -10),
      () => '',
    ];
    const folders: string[] = [];
    for (const change of changes) folders.push(await written([['a:1']], change));
    const answers = await read(...folders);
    expect(answers.map((answer) => answer.trim().slice(0, 8))).toEqual(changes.map(() => 'refused:'));
  });
});
