import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerJson } from '@imagefleet/shared/testing/stub-server.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';
import { SmallAgent, type SharedImages } from './testing/small-agent.ts';

describe('imagefleet upload', () => {
  let dir: string;
  let images: SharedImages;
  let first: SmallAgent;
  let second: SmallAgent;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    images = new Map();
    first = await SmallAgent.start(images);
    second = await SmallAgent.start(images);
  });
  afterEach(async () => {
    await first.close();
    await second.close();
    await rm(dir, { recursive: true });
  });

  async function put(contents: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(dir, 'photos');
    for (const [name, content] of Object.entries(contents)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return folder;
  }

  function upload(...args: readonly string[]): Promise<CliResult> {
    return runCli(['upload', '--server', first.url, '--server', second.url, '--key', 'K', ...args], { cwd: dir });
  }

  async function uploadJson(...args: readonly string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await upload('--json', ...args)).out) as Record<string, unknown>;
  }

  it('sends each new content once and writes a link for every file', async () => {
    const folder = await put({ 'a.png': 'one', '子/a.png': 'two', 'copy, of a.png': 'one', 'notes.txt': 'x' });
    const result = await upload(folder, '--links', 'links.csv');
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toMatch(/2 {2}uploaded\n1 {2}the same bytes as another file of this run\n1 {2}skipped/);
    expect(first.uploadedIds).toHaveLength(2);
    expect(second.uploadedIds).toHaveLength(0);
    const lines = (await readFile(join(dir, 'links.csv'), 'utf8')).trim().split('\r\n').slice(1).sort();
    expect(lines).toHaveLength(3);
    const link = (name: string): string | undefined =>
      lines
        .find((line) => line.includes(name))
        ?.split(',')
        .at(-1);
    expect(link('copy, of a.png')).toBe(link('photos/a.png'));
    expect(link('子/a.png')).not.toBe(link('photos/a.png'));
  });

  it('sends nothing on a second run and still writes every link', async () => {
    const folder = await put({ 'a.png': 'one', 'b.png': 'two' });
    const before = await uploadJson(folder);
    const after = await uploadJson(folder);
    expect(after).toMatchObject({ uploaded: 0, present: 2, bytesSent: 0 });
    // In the order in which they were done, which is not the same each time.
    expect(after['links']).toEqual(expect.arrayContaining(before['links'] as object[]));
    expect(after['links']).toHaveLength(2);
  });

  it('sends a file whose bytes were to come from another one that changed meanwhile', async () => {
    const folder = await put({ 'a.png': 'one', 'b.png': 'one' });
    first.onLookup = () => writeFile(join(folder, 'a.png'), 'two');
    const result = await uploadJson(folder, '--concurrency', '1');
    expect(result).toMatchObject({ uploaded: 2, failed: 0 });
    expect(images.size).toBe(2);
    const links = (result['links'] as { link: string }[]).map(({ link }) => link);
    expect(new Set(links).size).toBe(2);
  });

  it('sends a file whose bytes were to come from another one that vanished meanwhile', async () => {
    const folder = await put({ 'a.png': 'one', 'b.png': 'one' });
    first.onLookup = () => rm(join(folder, 'a.png'), { force: true });
    expect(await uploadJson(folder, '--concurrency', '1')).toMatchObject({ uploaded: 1, refused: 1 });
  });

  it('chooses ids of the form that links have', async () => {
    await upload(await put({ 'a.png': 'one' }));
    expect(first.uploadedIds[0]).toMatch(/^\d{4}\/\d{1,2}\/\d{1,2}\/[0-9a-f-]{36}$/);
  });

  it("chooses ids with the server's day, wherever the client is", async () => {
    const dayIn = (timeZone: string): string => new Date().toLocaleDateString('en-CA', { timeZone });
    // 25 hours apart: it is never the same day in both.
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Niue']) {
      first.timeZone = timeZone;
      const day = dayIn(timeZone);
      await upload(await put({ 'a.png': `one in ${timeZone}` }));
      const sent = first.uploadedIds.at(-1)?.split('/').slice(0, 3).map(Number).join('-');
      expect([day, dayIn(timeZone)].map((one) => one.split('-').map(Number).join('-'))).toContain(sent);
    }
  });

  describe('with --ack', () => {
    it.each([
      ['2', { stored: 2, pending: 1 }, 0],
      ['all', { stored: 2, pending: 1 }, 1],
      ['all', { stored: 3, pending: 0 }, 0],
      ['3', { stored: 2, pending: 1 }, 1],
      ['2', undefined, 1],
    ])('%s counts what is there already as done when so many hold it (%o: %i wait)', async (ack, copies, waiting) => {
      const folder = await put({ 'a.png': 'one' });
      await upload(folder);
      first.copies = copies;
      const result = await uploadJson(folder, '--ack', ack);
      expect(result).toMatchObject({ uploaded: 0, present: 1, waiting });
    });

    it('tells of what waits, and stops where the fleet is smaller than was asked for', async () => {
      const folder = await put({ 'a.png': 'one' });
      await upload(folder);
      first.copies = { stored: 1, pending: 1 };
      expect((await upload(folder, '--ack', '2')).out).toContain('1  of these, more copies were still on their way');
      expect(await uploadJson(folder, '--ack', '3')).toMatchObject({ error: { code: 'ACK_TOO_HIGH' } });
    });
  });

  it('goes to the next server with the same id when an answer is lost, and stores nothing twice', async () => {
    const folder = await put({ 'a.png': 'one', 'b.png': 'two' });
    first.accidents.push((response, store) => {
      store();
      response.destroy();
    });
    const result = await uploadJson(folder, '--concurrency', '1');
    expect(result).toMatchObject({ uploaded: 2, failed: 0 });
    expect(second.uploadedIds).toContain(first.uploadedIds[0]);
    expect(images.size).toBe(2);
  });

  it('goes on at the second server when the first is not there from the start', async () => {
    await first.close();
    const result = await uploadJson(await put({ 'a.png': 'one' }));
    expect(result).toMatchObject({ uploaded: 1, failed: 0 });
    first = await SmallAgent.start(images);
  });

  it('moves on when a server asks to wait', async () => {
    first.accidents.push((response) => {
      response.setHeader('Retry-After', '3600');
      answerJson(response, 429, { code: 'RATE_LIMITED', message: 'slowly' });
    });
    const result = await uploadJson(await put({ 'a.png': 'one', 'b.png': 'two' }), '--concurrency', '1');
    expect(result).toMatchObject({ uploaded: 2 });
    expect([first.uploadedIds.length, second.uploadedIds.length]).toEqual([1, 2]);
  });

  it('reports what the fleet does not want, does not try it again, and ends with 1', async () => {
    const folder = await put({ 'a.png': 'one', 'b.png': 'text pretending' });
    const result = await upload(folder);
    expect(result.code).toBe(1);
    expect(result.out).toContain(`refused: ${join(folder, 'b.png')}: The file is not an image [NOT_AN_IMAGE]`);
    expect(first.uploadedIds).toHaveLength(2);
  });

  it('stops at once when the key is wrong', async () => {
    const folder = await put({ 'a.png': 'one' });
    const result = await runCli(['upload', folder, '--server', first.url, '--key', 'bad'], { language: 'zh' });
    expect(result.code).toBe(1);
    expect(result.err).toContain('安全密钥不正确 [KEY_WRONG]');
    expect(result.err + result.out).not.toContain('bad');
  });

  it('says what it was told to upload does not exist', async () => {
    const result = await uploadJson(join(dir, 'nothing'));
    expect(result).toMatchObject({ uploaded: 0, skipped: { missing: 1 } });
    expect((await upload(join(dir, 'nothing'))).code).toBe(1);
  });

  it('ends early when it is stopped, saying how to go on', async () => {
    const stop = new AbortController();
    first.accidents.push(() => stop.abort());
    const folder = await put({ 'a.png': 'one', 'b.png': 'two' });
    const args = ['upload', folder, '--server', first.url, '--key', 'K', '--concurrency', '1'];
    const result = await runCli(args, { signal: stop.signal });
    expect(result.code).toBe(1);
    expect(result.out).toContain('2  not reached');
    expect(result.out).toContain('Run the same command again');
  });

  it.each([
    ['--concurrency', '0'],
    ['--concurrency', 'many'],
    ['--ack', 'some'],
    ['--ack', '21'],
    ['--wait', 'long'],
  ])('refuses %s %s as wrong usage', async (option, value) => {
    const result = await upload(dir, option, value);
    expect(result).toMatchObject({ code: 2 });
    expect(result.err).toContain(option);
  });
});
