import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from './testing/run-cli.ts';

const WEB_CONFIG = `<?xml version="1.0"?>
<configuration><appSettings>
  <add key="ServerName" value="img1"/>
  <add key="Servers" value="/servers.xml"/>
  <add key="SecurityKey" value="key-of-img1-0123456789abcdef"/>
  <add key="Log" value="/log"/>
  <add key="Domain" value="http://img1.example.com"/>
</appSettings></configuration>`;
const SERVERS = `<?xml version="1.0" encoding="utf-8"?>
<Servers>
  <Server Name="img1" Uri="http://10.0.0.1/do.ashx" SecurityKey="key-of-img1-0123456789abcdef" />
  <Server Name="img2" Uri="http://10.0.0.2/do.ashx" SecurityKey="key-of-img2-0123456789abcdef" />
</Servers>`;

describe('imagefleet import-legacy', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    await writeFile(join(dir, 'web.config'), WEB_CONFIG);
    await writeFile(join(dir, 'servers.xml'), SERVERS);
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('prints a configuration of our own form', async () => {
    const { code, out, err } = await runCli(['import-legacy', 'web.config'], { cwd: dir });
    expect(err).not.toContain('key-of');
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({ name: 'img1', peers: [{ name: 'img2', url: 'http://10.0.0.2' }] });
  });

  it('writes it to a file for its owner alone, which then is a configuration', async () => {
    const result = await runCli(['import-legacy', 'web.config', '--out', 'agent.yaml', '--json'], { cwd: dir });
    expect(result.code).toBe(0);
    const file = join(dir, 'agent.yaml');
    expect((JSON.parse(result.out) as { yaml: string }).yaml).toBe(await readFile(file, 'utf8'));
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('does not take settings from the environment of whoever runs it', async () => {
    const env = { IMAGEFLEET_NAME: 'elsewhere' };
    expect((await runCli(['import-legacy', 'web.config'], { cwd: dir, env })).out).not.toContain('elsewhere');
  });

  it('says which file it cannot read', async () => {
    const result = await runCli(['import-legacy', 'missing.config'], { cwd: dir });
    expect(result.code).toBe(2);
    expect(result.err).toContain('missing.config');
    expect(result.err).toContain('CFG_UNREADABLE');
  });
});
