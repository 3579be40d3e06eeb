import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LAUNCHER = join(import.meta.dirname, '../../bin/imagefleet.mjs');
const CHUNK = 'key\n'.repeat(10_000);

describe('the streams of the real process', () => {
  let dir: string;
  let args: readonly string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const file = join(dir, 'status.json');
    const server = { host: 'state1', port: 42424, online: true, weight: 1 };
    await writeFile(file, JSON.stringify({ generation: 1, servers: [server] }));
    args = [LAUNCHER, 'resolve', '--keys-from', '-', '--status-file', file];
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('answer each key as it comes, before the input ends', async () => {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    for (let count = 0; count < 3; count += 1) {
      child.stdin.write('key\n');
      const [answer] = (await once(child.stdout, 'data')) as [Buffer];
      expect(answer.toString()).toBe('state1:42424\n');
    }
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  it('end quietly when the reader of the output has gone, though the input never ends', async () => {
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    const said: Buffer[] = [];
    child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
    child.stdin.on('error', () => undefined);
    const feed = (): void => {
      while (child.stdin.writable && child.stdin.write(CHUNK));
    };
    child.stdin.on('drain', feed);
    feed();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await ended).toEqual([0, null]);
    expect(Buffer.concat(said).toString()).toBe('');
  });
});
