import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { dayOf, FailureLog } from './failure-log.ts';
import { readFailureLog } from './failure-log-reader.ts';

const AT = Date.UTC(2026, 2, 4, 20, 30);
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-log-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

function note(path: string, at = AT, message = 'no connection') {
  return { at, path, server: 's2', cause: { code: 'PEER_DOWN' as const, message } };
}

function failureLog(timeZone = 'Asia/Shanghai', logDir = dir) {
  const errors: string[] = [];
  const logger = {
    ...silentLogger,
    error: (event: string) => errors.push(event),
    warn: (event: string) => errors.push(event),
  };
  return { log: new FailureLog({ logDir, timeZone, logger }), errors };
}

describe('the failure log', () => {
  it('has one line for each failure, in order, in the file of its local day', async () => {
    const { log } = failureLog('Asia/Shanghai', join(dir, 'made', 'when-needed'));
    log.append([note('1/a.png'), note('1/图.png')]);
    log.append([note('2/b.png', AT - 24 * 3_600_000)]);
    log.append([note('3/c.png')]);
    await log.stop();
    const file = (day: string): Promise<string> =>
      readFile(join(dir, 'made', 'when-needed', `failures-${day}.log`), 'utf8');
    const line = (path: string, day: string): string =>
      `2026-03-${day}T20:30:00.000Z\t${path}\ts2\tPEER_DOWN\tno connection\n`;
    expect(await file('2026-03-05')).toBe(line('1/a.png', '04') + line('1/图.png', '04') + line('3/c.png', '04'));
    expect(await file('2026-03-04')).toBe(line('2/b.png', '03'));
  });

  it('keeps a sentence with tabs and line ends on one line', async () => {
    const { log } = failureLog();
    log.append([note('a.png', AT, 'one\ttwo\r\nthree\u2028four')]);
    await log.stop();
    const { lines } = await readFailureLog({ logDir: dir, day: '2026-03-05' });
    expect(lines).toMatchObject([{ path: 'a.png', message: 'one two three four' }]);
  });

  it('that cannot be written is said once, and written again when it can be', async () => {
    await writeFile(join(dir, 'file'), '');
    const { log, errors } = failureLog('UTC', join(dir, 'file'));
    for (let turn = 0; turn < 3; turn += 1) {
      log.append([note('a.png')]);
      await log.stop();
    }
    expect(errors).toEqual(['failureLog.notWritten']);
    await rm(join(dir, 'file'));
    log.append([note('b.png')]);
    await log.stop();
    expect((await readFailureLog({ logDir: join(dir, 'file'), day: '2026-03-04' })).lines).toHaveLength(1);
  });

  it('does not grow without limit while the disk is slow, and says how much it left out', async () => {
    const { log, errors } = failureLog();
    log.append(Array.from({ length: 50_010 }, (_, index) => note(`${String(index)}.png`)));
    await log.stop();
    expect(errors).toEqual(['failureLog.linesDropped']);
    const text = await readFile(join(dir, 'failures-2026-03-05.log'), 'utf8');
    expect(text.split('\n')).toHaveLength(50_001);
  });

  it('names days in the configured time zone, with zeros', () => {
    expect(dayOf(AT, 'Asia/Shanghai')).toBe('2026-03-05');
    expect(dayOf(AT, 'UTC')).toBe('2026-03-04');
    expect(dayOf(Date.UTC(2026, 0, 1, 3), 'America/New_York')).toBe('2025-12-31');
  });
});

describe('reading the failure log', () => {
  it('answers one day and lists the days there are, newest first', async () => {
    const { log } = failureLog('UTC');
    for (const day of [1, 3, 2]) log.append([note(`${String(day)}.png`, Date.UTC(2026, 0, day))]);
    await log.stop();
    await writeFile(join(dir, 'agent.log'), 'another file');
    const page = await readFailureLog({ logDir: dir, day: '2026-01-02' });
    expect(page).toEqual({
      ...{ day: '2026-01-02', days: ['2026-01-03', '2026-01-02', '2026-01-01'], truncated: false },
      lines: [
        { at: '2026-01-02T00:00:00.000Z', path: '2.png', server: 's2', code: 'PEER_DOWN', message: 'no connection' },
      ],
    });
  });

  it('is empty for a day without failures and before there is a folder', async () => {
    const empty = { days: [], lines: [], truncated: false };
    expect(await readFailureLog({ logDir: join(dir, 'none'), day: '2026-01-02' })).toEqual({
      day: '2026-01-02',
      ...empty,
    });
    expect(await readFailureLog({ logDir: dir, day: '2026-01-02' })).toEqual({ day: '2026-01-02', ...empty });
  });

  it('passes over lines that are not whole or not ours', async () => {
    await writeFile(
      join(dir, 'failures-2026-01-02.log'),
      'x\n\nat\tp\ts2\tNO_SUCH\tm\nat\tp.png\ts2\tPEER_DOWN\tm\nat\tp.p',
    );
    expect((await readFailureLog({ logDir: dir, day: '2026-01-02' })).lines).toHaveLength(1);
  });

  it('gives the newest lines of a very long day and says that it is cut', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => `at\t${String(index)}.png\ts2\tPEER_DOWN\tm\n`);
    await writeFile(join(dir, 'failures-2026-01-02.log'), lines.join(''));
    const page = await readFailureLog({ logDir: dir, day: '2026-01-02' });
    expect(page.truncated).toBe(true);
    expect(page.lines.at(-1)?.path).toBe('59999.png');
    expect(page.lines).toHaveLength(5000);
  });

  it('refuses what is no day, so that no other file is opened', async () => {
    await expect(readFailureLog({ logDir: dir, day: '../x' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('says IO_FAILED when the folder cannot be read', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(readFailureLog({ logDir: join(dir, 'file'), day: '2026-01-02' })).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });
});
