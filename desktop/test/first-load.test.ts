import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { obstacle } from './browser.ts';

const CONSOLE = join(import.meta.dirname, '../../dist/console');
const LIMIT_BYTES = 350 * 1024;

describe.skipIf(obstacle !== undefined)('the built console', () => {
  it('is there with less script than a slow line takes a second for', () => {
    const html = readFileSync(join(CONSOLE, 'index.html'), 'utf8');
    const first = [...html.matchAll(/(?:src|href)="\/console\/([^"]+\.js)"/g)].map((match) => match[1] ?? '');
    expect(first.length).toBeGreaterThan(0);
    const bytes = [...scriptsFrom(first)].reduce((sum, script) => sum + compressedBytes(script), 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it('takes nothing from anywhere else and has nothing written into the page', () => {
    const html = readFileSync(join(CONSOLE, 'index.html'), 'utf8');
    expect(html).not.toMatch(/https?:|<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
  });
});

/** The scripts and all that they import at once; what they import later is not part of the first load. */
function scriptsFrom(first: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...first];
  for (let script = open.pop(); script !== undefined; script = open.pop()) {
    if (found.has(script)) continue;
    found.add(script);
    const text = readFileSync(join(CONSOLE, script), 'utf8');
    for (const [, name] of text.matchAll(/\b(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) {
      if (name !== undefined) open.push(`assets/${name}`);
    }
  }
  return found;
}

function compressedBytes(script: string): number {
  const file = join(CONSOLE, script);
  return statSync(existsSync(`${file}.gz`) ? `${file}.gz` : file).size;
}
