import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BoundedLog } from './bounded-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'imagefleet-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function writeLines(log: BoundedLog, from: number, to: number): void {
  for (let index = from; index < to; index += 1) log.write(Buffer.from(`line ${String(index)}\n`));
}

it('keeps the newest lines in at most twice its size', () => {
  const log = new BoundedLog(join(dir, 'agent.log'), 100);
  log.open();
  writeLines(log, 100, 200);
  log.close();
  expect(readdirSync(dir).sort()).toEqual(['agent.log', 'agent.log.1']);
  const both = readFileSync(join(dir, 'agent.log.1'), 'utf8') + readFileSync(join(dir, 'agent.log'), 'utf8');
  expect(both.length).toBeLessThanOrEqual(200);
  expect(both.endsWith('line 198\nline 199\n')).toBe(true);
});

it('goes on in the file of the last start, and counts what is in it', () => {
  for (const start of [100, 106]) {
    const log = new BoundedLog(join(dir, 'agent.log'), 100);
    log.open();
    writeLines(log, start, start + 6);
    log.close();
  }
  expect(readFileSync(join(dir, 'agent.log.1'), 'utf8')).toContain('line 100');
  expect(readFileSync(join(dir, 'agent.log'), 'utf8')).toContain('line 111');
});

it('drops what comes after its end', () => {
  const log = new BoundedLog(join(dir, 'agent.log'), 100);
  log.open();
  log.close();
  log.write(Buffer.from('late'));
  expect(readFileSync(join(dir, 'agent.log'), 'utf8')).toBe('');
});
