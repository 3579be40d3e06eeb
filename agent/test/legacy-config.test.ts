import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { COMMAND, eventually, freePorts } from './support/agent-process.ts';
import { form } from './support/upload.ts';

it('starts on the old web.config and servers.xml as they are, and keeps images where the old program kept them', async () => {
  const site = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  await cp(join(import.meta.dirname, 'fixtures/legacy'), site, { recursive: true });
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${String(port)}`;
  const child = spawn(process.execPath, [
    COMMAND,
    'agent',
    '--web-config',
    join(site, 'web.config'),
    '--listen',
    `127.0.0.1:${String(port)}`,
  ]);
  try {
    await eventually('ready', 20_000, async () => (await fetch(`${url}/health/ready`)).ok);
    const answer = await fetch(`${url}/do.ashx?action=upload&SecurityKey=asdfdsfsdf`, {
      method: 'POST',
      body: form([{ name: 'a.png', bytes: pngImage({ seed: 1 }) }]),
    });
    const path =
      /^<resp><success>1<\/success><link>http:\/\/i-2\.xx\.com\/(.+)<\/link><\/resp>$/.exec(await answer.text())?.[1] ??
      'none';
    expect((await readFile(join(site, ...path.split('/')))).equals(pngImage({ seed: 1 }))).toBe(true);

    // s2 of the seed's servers.xml is a name nobody answers to: the copy waits, and the log says so, by day, in /log.
    const replay = await fetch(`${url}/do.ashx?action=uploaderrors&SecurityKey=asdfdsfsdf`);
    expect(await replay.text()).toBe('<resp><success>1</success><replayed>0</replayed><remaining>1</remaining></resp>');
    const logged = (): Promise<string[]> => readdir(join(site, 'log'));
    await eventually('a line in the failure log', 10_000, async () => (await logged()).length > 0);
    const [log = ''] = await logged();
    expect(log).toMatch(/^failures-\d{4}-\d{2}-\d{2}\.log$/);
    const line = await readFile(join(site, 'log', log), 'utf8');
    expect(line.split('\t').slice(1, 3)).toEqual([path, 's2']);
    expect((await readdir(site)).sort()).toEqual(
      [path.split('/')[0], '.imagefleet', '.imagefleet-id', 'log', 'servers.xml', 'web.config'].sort(),
    );
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await rm(site, { recursive: true, force: true });
  }
});
