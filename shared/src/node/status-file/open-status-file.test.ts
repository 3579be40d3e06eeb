import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeStatusFile } from '#common/status-file/encode-status-file.ts';
import { encodeLease } from '#common/status-file/lease.ts';
import { writeFileAtomically } from '#node/atomic-file.ts';
import { contentOf } from '#testing/status-builders.ts';
import {
  openStatusFile,
  type StatusFileOptions,
  type StatusFileReader,
  type StatusFileState,
} from './open-status-file.ts';

/** So rarely that a test which passes with it was told by the folder's watch. */
const NEVER_MS = 3_600_000;
const OFTEN_MS = 20;

let dir: string;
let path: string;
let opened: StatusFileReader[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  path = join(dir, 'status.config.xml');
  opened = [];
});
afterEach(async () => {
  for (const reader of opened) reader.close();
  await rm(dir, { recursive: true, force: true });
});

async function open(options: StatusFileOptions = {}, file = path): Promise<StatusFileReader> {
  const reader = await openStatusFile(file, { pollMs: NEVER_MS, ...options });
  opened.push(reader);
  return reader;
}

const textOf = (generation: number) =>
  encodeStatusFile(contentOf([['a:1', generation % 2 === 0 ? 'down' : 'up']], generation), { format: 'aspnet' });
const writeGeneration = (generation: number) => writeFileAtomically(path, textOf(generation));
const writeLease = (counter: number) =>
  writeFileAtomically(`${path}.lease`, encodeLease({ generation: 1, counter, periodMs: 1000 }));

/** Resolves with the first state that is as asked. */
function until(reader: StatusFileReader, isAsAsked: (state: StatusFileState) => boolean): Promise<StatusFileState> {
  return new Promise((resolve) => {
    if (isAsAsked(reader.current())) resolve(reader.current());
    const stop = reader.onChange((state) => {
      if (!isAsAsked(state)) return;
      stop();
      resolve(state);
    });
  });
}

describe('a status file that is open', () => {
  it('is read when it is opened, and at once after every rename over it, by the watch of its folder', async () => {
    await writeGeneration(1);
    const reader = await open();
    expect(reader.current()).toEqual({
      servers: [{ host: 'a', port: 1, online: true, weight: 1 }],
      generation: 1,
      monitor: 'unknown',
      problem: null,
    });
    for (const generation of [2, 3, 4, 5]) {
      await writeGeneration(generation);
      const { servers } = await until(reader, (state) => state.generation === generation);
      expect(servers[0]?.online).toBe(generation % 2 === 1);
    }
  });

  it('is found by polling where nothing could be watched: the folder came later', async () => {
    path = join(dir, 'later', 'status.xml');
    const reader = await open({ pollMs: OFTEN_MS });
    expect(reader.current()).toMatchObject({ servers: [], generation: null });
    expect(reader.current().problem).toMatchObject({ code: 'STATUS_UNREADABLE' });
    expect(reader.current().problem?.hint).toContain('monitor');
    await mkdir(join(dir, 'later'));
    await writeGeneration(1);
    expect((await until(reader, (state) => state.generation === 1)).problem).toBeNull();
  });

  it('is followed into the folder that takes the place of its own', async () => {
    const folder = join(dir, 'current');
    await mkdir(folder);
    path = join(folder, 'status.xml');
    await writeGeneration(1);
    const reader = await open({ pollMs: OFTEN_MS });
    await rename(folder, join(dir, 'release-1'));
    await mkdir(folder);
    await writeGeneration(2);
    await until(reader, (state) => state.generation === 2);
    await writeGeneration(3);
    await until(reader, (state) => state.generation === 3);
  });

  it('keeps its last good content while it is broken or gone, says so, and heals', async () => {
    await writeGeneration(1);
    const reader = await open();
    const { servers } = reader.current();
    await writeFileAtomically(path, '<SessionStateServers><Serv');
    const broken = await until(reader, ({ problem }) => problem?.code === 'STATUS_FILE_INVALID');
    expect(broken.servers).toBe(servers);
    await rm(path);
    const gone = await until(reader, ({ problem }) => problem?.code === 'STATUS_UNREADABLE');
    expect([gone.servers, gone.generation]).toEqual([servers, 1]);
    await writeGeneration(2);
    expect((await until(reader, (state) => state.generation === 2)).problem).toBeNull();
  });

  it('that another program writes in place is read again when it is whole', async () => {
    await writeGeneration(1);
    const reader = await open();
    const text = textOf(2);
    await writeFile(path, text.slice(0, 60));
    await until(reader, ({ problem }) => problem?.code === 'STATUS_FILE_INVALID');
    await appendFile(path, text.slice(60));
    expect((await until(reader, (state) => state.generation === 2)).servers[0]?.online).toBe(false);
  });

  it('may be replaced by one of another form', async () => {
    await writeGeneration(1);
    const reader = await open();
    for (const [index, format] of (['json', 'nginx', 'aspnet'] as const).entries()) {
      await writeFileAtomically(path, encodeStatusFile(contentOf([['b:2']], 10 + index), { format }));
      expect((await until(reader, (state) => state.generation === 10 + index)).servers[0]?.host).toBe('b');
    }
  });

  it('tells of what is another and of nothing else, and keeps the same list for the same servers', async () => {
    await writeGeneration(1);
    const reader = await open();
    const { servers } = reader.current();
    const told: (number | null)[] = [];
    reader.onChange((state, before) => told.push(before.generation, state.generation));
    await writeGeneration(1);
    await writeFileAtomically(path, textOf(1).replaceAll('\n', '\r\n'));
    await writeGeneration(3);
    await until(reader, (state) => state.generation === 3);
    expect(told).toEqual([1, 3]);
    expect(reader.current().servers).toBe(servers);
  });

  it('is not held up by a listener that throws, nor by one that has ended', async () => {
    await writeGeneration(1);
    const errors: unknown[] = [];
    const reader = await open({ onError: (error) => errors.push(error) });
    const told: string[] = [];
    reader.onChange(() => {
      throw new Error('of the application');
    });
    const end = reader.onChange(() => told.push('ended'));
    reader.onChange(() => told.push('second'));
    end();
    await writeGeneration(2);
    await until(reader, (state) => state.generation === 2);
    expect(told).toEqual(['second']);
    expect(errors).toEqual([new Error('of the application')]);
  });

  it('tells nothing after it was closed', async () => {
    await writeGeneration(1);
    const reader = await open();
    const other = await open();
    const told: unknown[] = [];
    reader.onChange((state) => told.push(state));
    reader.close();
    await writeGeneration(2);
    await until(other, (state) => state.generation === 2);
    expect(told).toEqual([]);
    expect(reader.current().generation).toBe(1);
  });

  it('too large to be one is not read', async () => {
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024, 0x20));
    expect((await open()).current().problem?.code).toBe('STATUS_FILE_INVALID');
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('that may not be read says so', async () => {
    await writeGeneration(1);
    await chmod(path, 0);
    expect((await open()).current().problem?.message).toContain('may not read');
  });

  it('keeps no process alive', async () => {
    await writeGeneration(1);
    const script = `
      const { openStatusFile } = await import(${JSON.stringify(join(import.meta.dirname, 'open-status-file.ts'))});
      const reader = await openStatusFile(${JSON.stringify(path)});
      process.stdout.write(String(reader.current().generation));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 18_000,
    });
    expect(stdout).toBe('1');
  });
});

describe('the monitor behind it', () => {
  it('is unknown, then alive, then silent by the clock of the reader, then alive again; the content stays', async () => {
    let clockMs = 50_000;
    await writeGeneration(1);
    await writeLease(7);
    const reader = await open({ pollMs: OFTEN_MS, monotonic: () => clockMs });
    const { servers } = reader.current();
    const told: string[] = [];
    reader.onChange((state, before) => told.push(`${before.monitor} > ${state.monitor}`));
    expect(reader.current().monitor).toBe('unknown');
    await writeLease(8);
    await until(reader, ({ monitor }) => monitor === 'alive');
    clockMs += 2999;
    // Whatever is told after this look, it was made at that time.
    await writeGeneration(3);
    await until(reader, ({ generation }) => generation === 3);
    expect(reader.current().monitor).toBe('alive');
    clockMs += 1;
    const silent = await until(reader, ({ monitor }) => monitor === 'silent');
    expect([silent.servers, silent.problem]).toEqual([servers, null]);
    await writeLease(9);
    await until(reader, ({ monitor }) => monitor === 'alive');
    expect(told).toEqual(['unknown > alive', 'alive > alive', 'alive > silent', 'silent > alive']);
  });

  it('that wrote no lease, as the old one, is unknown for ever', async () => {
    let clockMs = 0;
    await writeGeneration(1);
    const reader = await open({ monotonic: () => clockMs });
    clockMs = 1e9;
    await writeGeneration(2);
    await until(reader, ({ generation }) => generation === 2);
    expect(reader.current().monitor).toBe('unknown');
  });
});

it('is never seen torn while it is replaced without a pause', async () => {
  await writeGeneration(0);
  const reader = await open();
  const problems: unknown[] = [];
  const generations = [0];
  reader.onChange(({ generation, servers, problem }) => {
    if (problem !== null || servers[0]?.online !== ((generation ?? 0) % 2 === 1))
      problems.push({ generation, problem });
    generations.push(generation ?? -1);
  });
  for (let generation = 1; generation <= 300; generation += 1) {
    await writeFileAtomically(path, textOf(generation), { isDurable: false });
  }
  await until(reader, ({ generation }) => generation === 300);
  expect(problems).toEqual([]);
  expect(generations).toEqual(generations.toSorted((a, b) => a - b));
  expect(generations.length).toBeGreaterThan(2);
});
