import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHA } from '../testing/queue-builders.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { hashFiles, type HashOptions, type HashOutcome } from './hash-files.ts';

const CHUNK_BYTES = 256 * 1024;
const NOTHING_KNOWN = { knownHash: () => undefined };

function shaOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file that takes several reads, so that something can happen in the middle. */
function longFile(): { readonly file: string; readonly bytes: Buffer } {
  const file = join(tempFolder(), 'long.png');
  const bytes = Buffer.alloc(3 * CHUNK_BYTES + 1, 'a');
  writeFileSync(file, bytes);
  return { file, bytes };
}

/** A signal that is asked before each piece is read: there `meanwhile` happens to the file, once for each time it is read. */
function atEachRead(meanwhile: (read: number) => void): AbortSignal {
  let asked = 0;
  let read = 0;
  const throwIfAborted = (): void => {
    asked += 1;
    // The first time is before any file; a whole read then asks for its four pieces and for the end.
    if (asked % 5 === 3) meanwhile((read += 1));
  };
  return Object.assign(new AbortController().signal, { throwIfAborted });
}

async function outcomesOf(
  files: readonly string[],
  options: Partial<HashOptions> = {},
): Promise<readonly HashOutcome[]> {
  const outcomes: HashOutcome[] = [];
  const signal = new AbortController().signal;
  const toHash = files.map((file, index) => ({ key: index + 1, file }));
  for await (const outcome of hashFiles(toHash, { known: NOTHING_KNOWN, signal, now: Date.now, ...options })) {
    outcomes.push(outcome);
  }
  return outcomes.sort((a, b) => a.key - b.key);
}

describe('a file', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])('of %i bytes has its hash and stamp', async (size) => {
    const file = join(tempFolder(), 'a.png');
    const bytes = Buffer.alloc(size, 'x');
    writeFileSync(file, bytes);
    const { mtimeMs, ino } = statSync(file);
    const stamp = { sizeBytes: size, mtimeMs, inode: ino };
    expect(await outcomesOf([file])).toMatchObject([
      { kind: 'hashed', key: 1, file, sha256: shaOf(bytes), stamp, isKnown: false },
    ]);
  });

  it('whose hash is known is not read', async () => {
    const file = join(tempFolder(), 'a.png');
    writeFileSync(file, 'a');
    const { mtimeMs } = statSync(file);
    const known: HashOptions['known'] = {
      knownHash: (asked, stamp) => (asked === file && stamp.mtimeMs === mtimeMs ? SHA : undefined),
    };
    expect(await outcomesOf([file], { known })).toMatchObject([{ sha256: SHA, isKnown: true }]);
    utimesSync(file, 5, 5);
    expect(await outcomesOf([file], { known })).toMatchObject([{ sha256: shaOf('a'), isKnown: false }]);
  });

  it('that was just written may change again without another stamp, and says so', async () => {
    const file = join(tempFolder(), 'a.png');
    writeFileSync(file, 'a');
    utimesSync(file, 100, 100);
    expect(await outcomesOf([file], { now: () => 101_000 })).toMatchObject([{ isSettled: false }]);
    expect(await outcomesOf([file], { now: () => 110_000 })).toMatchObject([{ isSettled: true }]);
  });
});

describe('a file that is another one after it was read', () => {
  const changes: readonly [string, (file: string, read: number) => void][] = [
    [
      'written to',
      (file, read) => {
        writeFileSync(file, Buffer.alloc(statSync(file).size, 'b'));
        // The clock of the file system may not have moved on since the last time.
        utimesSync(file, read, read);
      },
    ],
    [
      'replaced',
      (file) => {
        const { size, mtimeMs } = statSync(file);
        writeFileSync(`${file}.new`, Buffer.alloc(size, 'b'));
        utimesSync(`${file}.new`, mtimeMs / 1000, mtimeMs / 1000);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'longer, with its old time',
      (file) => {
        const { mtimeMs } = statSync(file);
        appendFileSync(file, 'b');
        utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
      },
    ],
    ['shorter', (file) => truncateSync(file, statSync(file).size - 1)],
  ];

  it.each(changes)('because it was %s, is read again', async (_what, change) => {
    const { file } = longFile();
    const signal = atEachRead((read) => read === 1 && change(file, read));
    const outcomes = await outcomesOf([file], { signal });
    const { size, mtimeMs, ino } = statSync(file);
    const now = { sha256: shaOf(readFileSync(file)), stamp: { sizeBytes: size, mtimeMs, inode: ino } };
    expect(outcomes).toMatchObject([{ kind: 'hashed', ...now }]);
  });

  it.each(changes)('because it was %s each time, is left alone', async (_what, change) => {
    const { file } = longFile();
    let reads = 0;
    const signal = atEachRead((read) => {
      reads = read;
      change(file, read);
    });
    expect(await outcomesOf([file], { signal })).toMatchObject([{ kind: 'failed', code: 'FILE_CHANGED' }]);
    expect(reads).toBe(2);
  });

  it('is not followed for ever while it grows', async () => {
    const { file } = longFile();
    let asked = 0;
    const throwIfAborted = (): void => {
      asked += 1;
      appendFileSync(file, Buffer.alloc(CHUNK_BYTES));
    };
    const signal = Object.assign(new AbortController().signal, { throwIfAborted });
    expect(await outcomesOf([file], { signal })).toMatchObject([{ kind: 'failed', code: 'FILE_CHANGED' }]);
    expect(asked).toBeLessThan(20);
  });
});

describe('a file that cannot be read', () => {
  it('because it is gone, or goes meanwhile, is missing', async () => {
    const { file } = longFile();
    const signal = atEachRead(() => rmSync(file));
    const missing = { kind: 'failed', code: 'FILE_MISSING' };
    expect(await outcomesOf([file], { signal })).toMatchObject([missing]);
    expect(await outcomesOf([file, join(file, 'below.png')])).toMatchObject([missing, missing]);
  });

  it('because it is no file, says so and keeps nobody waiting', async () => {
    const folder = join(tempFolder(), 'folder.png');
    const pipe = `${folder}.pipe`;
    mkdirSync(folder);
    spawnSync('mkfifo', [pipe]);
    const unreadable = {
      kind: 'failed',
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('no file') as string,
    };
    expect(await outcomesOf([folder, pipe])).toMatchObject([unreadable, unreadable]);
  });

  it('for want of the right to, says so, and the others go on', () => {
    const folder = tempFolder();
    for (const name of ['a.png', 'b.png']) writeFileSync(join(folder, name), 'a');
    chmodSync(join(folder, 'a.png'), 0o000);
    chmodSync(folder, 0o755);
    // Root may read everything, so it runs as somebody else then.
    const module = JSON.stringify(join(import.meta.dirname, 'hash-files.ts'));
    const script = `import { hashFiles } from ${module};
      const options = { known: { knownHash: () => undefined }, signal: new AbortController().signal, now: Date.now, concurrency: 1 };
      for await (const { key, code, sha256 } of hashFiles([{ key: 1, file: 'a.png' }, { key: 2, file: 'b.png' }], options))
        console.log(key, code ?? sha256);`;
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const args = ['--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', ...nobody });
    expect(stdout, stderr).toBe(`1 FILE_UNREADABLE\n2 ${shaOf('a')}\n`);
  });
});

describe('many files', () => {
  it('are read some at a time, and each has one outcome', async () => {
    const folder = tempFolder();
    const files = Array.from({ length: 30 }, (_unused, index) => join(folder, `${String(index)}.png`));
    files.forEach((file) => writeFileSync(file, file));
    let taken = 0;
    let most = 0;
    const toHash = function* (): Generator<{ key: number; file: string }> {
      for (const [key, file] of files.entries()) {
        taken += 1;
        most = Math.max(most, taken - outcomes.length);
        yield { key, file };
      }
    };
    const outcomes: HashOutcome[] = [];
    const options = { known: NOTHING_KNOWN, signal: new AbortController().signal, now: Date.now, concurrency: 3 };
    for await (const outcome of hashFiles(toHash(), options)) outcomes.push(outcome);
    expect(outcomes.map(({ key }) => key).sort((a, b) => a - b)).toEqual([...files.keys()]);
    expect(most).toBe(3);
  });

  it('end when they are aborted, with the reason of that, and no file stays open', async () => {
    const long = longFile();
    const reason = new Error('enough');
    const controller = new AbortController();
    const known = { knownHash: () => controller.abort(reason) };
    const run = outcomesOf([long.file, long.file], { known, signal: controller.signal } as unknown as HashOptions);
    await expect(run).rejects.toBe(reason);
    expect(openFiles()).not.toContain(long.file);
  });
});

/** Where /proc lists what is open; elsewhere nothing is. */
function openFiles(): readonly string[] {
  if (process.platform !== 'linux') return [];
  const { stdout } = spawnSync(
    'readlink',
    readdirSync('/proc/self/fd').map((fd) => `/proc/${String(process.pid)}/fd/${fd}`),
    {
      encoding: 'utf8',
    },
  );
  return stdout.split('\n');
}
