import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fingerprintOf, isBuiltFrom, putInPlace } from './built-folder.ts';

let dir: string;
let output: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'imagefleet-built-'));
  output = join(dir, 'console');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
});

function staged(page: string): string {
  const folder = mkdtempSync(join(dir, 'new-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), page);
  return folder;
}

describe('a build', () => {
  it('is old when a source changed, came or went', () => {
    mkdirSync(join(dir, 'src/deep'), { recursive: true });
    for (const name of ['src/a.ts', 'src/deep/b.ts', 'lock.json']) writeFileSync(join(dir, name), name);
    const now = (): string => fingerprintOf(dir, ['src', 'lock.json']);
    const seen = [now()];
    expect(now()).toBe(seen[0]);
    writeFileSync(join(dir, 'src/c.ts'), '');
    seen.push(now());
    utimesSync(join(dir, 'lock.json'), 1, 1);
    seen.push(now());
    rmSync(join(dir, 'src/deep/b.ts'));
    seen.push(now());
    expect(new Set(seen).size).toBe(4);
  });

  it('takes the place of the last one, and its mark is not among what is copied to servers', () => {
    expect(isBuiltFrom(output, 'v1')).toBe(false);
    putInPlace(staged('one'), output, 'v1');
    expect([isBuiltFrom(output, 'v1'), isBuiltFrom(output, 'v2')]).toEqual([true, false]);
    putInPlace(staged('two'), output, 'v2');
    expect([isBuiltFrom(output, 'v1'), isBuiltFrom(output, 'v2')]).toEqual([false, true]);
    expect(readdirSync(output).sort()).toEqual(['assets', 'index.html']);
    expect(readdirSync(dir).sort()).toEqual(['console', 'console.built.json']);
  });

  it('is old when another one came between the folder and its mark', () => {
    putInPlace(staged('one'), output, 'v1');
    writeFileSync(join(output, 'index.html'), 'of the other build');
    expect(isBuiltFrom(output, 'v1')).toBe(false);
  });

  it('leaves the last one in place when it cannot take it', () => {
    putInPlace(staged('one'), output, 'v1');
    expect(() => putInPlace(join(dir, 'nothing'), output, 'v2')).toThrow('no index.html');
    expect(isBuiltFrom(output, 'v1')).toBe(true);
  });

  it('may be put in place by several at once', async () => {
    const rounds = 100;
    const program = `
      import { mkdtempSync, writeFileSync } from 'node:fs';
      import { putInPlace } from ${JSON.stringify(join(import.meta.dirname, 'built-folder.ts'))};
      for (let round = 0; round < ${String(rounds)}; round += 1) {
        const folder = mkdtempSync(${JSON.stringify(join(dir, 'new-'))});
        writeFileSync(folder + '/index.html', 'page ' + process.pid + ' ' + round);
        putInPlace(folder, ${JSON.stringify(output)}, 'v');
      }`;
    const codes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
        const [code] = (await once(child, 'exit')) as [number];
        return code;
      }),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(join(output, 'index.html'), 'utf8')).toMatch(/^page \d+ 99$/);
    expect(readdirSync(dir).sort()).toEqual(['console', 'console.built.json']);
  });
});
