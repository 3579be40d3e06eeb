import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { KEY, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { sha256 } from './support/upload.ts';

const hasMono = spawnSync('mcs', ['--version']).status === 0 && spawnSync('mono', ['--version']).status === 0;
if (!hasMono) console.warn('legacy-client: skipped, Mono (mono-mcs, mono-runtime) is not on this machine');

/** A JPEG's beginning is enough for the type; these names are what real folders hold. */
const NAMES = [
  'photo.png',
  '中文 图片.png',
  'a "quoted" name.png',
  'c#%20 100%.png',
  'back\\slash.png',
  'no-extension',
  "it's; ok.png",
];

describe.skipIf(!hasMono)('the old .NET client, WebClient.UploadFile, unchanged', () => {
  let dir: string;
  let agent: AgentProcess;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const source = join(import.meta.dirname, 'fixtures/UploadFile.cs');
    const compiled = spawnSync('mcs', [`-out:${join(dir, 'UploadFile.exe')}`, source], { encoding: 'utf8' });
    if (compiled.status !== 0) throw new Error(compiled.stderr);
    agent = (
      await makeFleet(dir, 1, {
        limits: { fileSize: '1MB', freeSpaceFloor: '1MB' },
        publicUrl: 'http://i-1.example.com',
      })
    )[0] as AgentProcess;
    await agent.start();
  });

  afterAll(async () => {
    await agent.stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  /** Runs the C# program on a file; answers what it printed: status and raw body. */
  async function send(name: string, bytes: Buffer, query: string): Promise<{ status: string; body: string }> {
    const file = join(dir, name);
    await writeFile(file, bytes);
    const output = await new Promise<string>((resolve) => {
      const env = { ...process.env, LC_ALL: 'C.UTF-8' };
      execFile('mono', [join(dir, 'UploadFile.exe'), `${agent.url}/do.ashx?${query}`, file], { env }, (_, stdout) => {
        resolve(stdout);
      });
    });
    const [status = '', ...rest] = output.split('\n');
    return { status, body: rest.join('\n') };
  }

  it.each(NAMES)('uploads %s and reads exactly the old answer', async (name) => {
    const bytes = pngImage({ seed: NAMES.indexOf(name) });
    const { status, body } = await send(name, bytes, `action=upload&format=xml&SecurityKey=${KEY}`);
    expect(status).toBe('200');
    const now = new Date();
    const day = `${String(now.getFullYear())}/${String(now.getMonth() + 1)}/${String(now.getDate())}`;
    expect(body).toMatch(
      new RegExp(
        `^<resp><success>1</success><link>http://i-1\\.example\\.com/${day}/[0-9a-f-]{36}\\.png</link></resp>$`,
      ),
    );
    const path = /example\.com(\/[^<]+)/.exec(body)?.[1] ?? '';
    const served = await fetch(`${agent.url}${path}`);
    expect(sha256(Buffer.from(await served.arrayBuffer()))).toBe(sha256(bytes));
    const record = await agent.api<{ originalName: string }>(`/images${path}`);
    expect(record.originalName).toBe(name.split('\\').at(-1));
  });

  it('reads the JSON answer', async () => {
    const { status, body } = await send(
      'json.png',
      pngImage({ seed: 99 }),
      `action=upload&format=json&SecurityKey=${KEY}`,
    );
    expect(status).toBe('200');
    expect(body).toMatch(/^\{"resp":\{"success":1,"link":"http:\/\/i-1\.example\.com\/[^"]+\.png"\}\}$/);
  });

  it('reads the answer to a wrong key', async () => {
    const { status, body } = await send('wrong.png', pngImage({ seed: 98 }), 'action=upload&SecurityKey=wrong');
    expect(status).toBe('401');
    expect(body).toMatch(/^<resp><success>0<\/success><error code="KEY_WRONG">[^<]+<\/error><\/resp>$/);
  });

  it('reads the 413 of a 5 MB body, not a broken connection', async () => {
    const { status, body } = await send(
      'large.png',
      pngImage({ seed: 97, sizeBytes: 5 * 1024 * 1024 }),
      `action=upload&SecurityKey=${KEY}`,
    );
    expect(status).toBe('413');
    expect(body).toContain('FILE_TOO_LARGE');
  });
});
