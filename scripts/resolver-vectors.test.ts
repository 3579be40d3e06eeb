import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { legacyVectors, rendezvousVectors } from './resolver-vectors.ts';

const FOLDER = join(import.meta.dirname, '../shared/vectors');
const hasMono = spawnSync('mcs', ['--version']).status === 0 && spawnSync('mono', ['--version']).status === 0;
if (!hasMono) console.warn('resolver-vectors: one skipped, Mono (mono-mcs, mono-runtime) is not on this machine');

describe('the golden vectors', () => {
  it('of rendezvous are what the script writes', () => {
    expect(readFileSync(join(FOLDER, 'rendezvous.tsv'), 'utf8')).toBe(rendezvousVectors());
  });

  it.skipIf(!hasMono)('of legacy are what the C# program answers', () => {
    expect(readFileSync(join(FOLDER, 'legacy.tsv'), 'utf8')).toBe(legacyVectors());
  });
});
