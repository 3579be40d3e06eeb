import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENGINE_NODE_FLAGS } from './node-flags.ts';

it('are those of the command and of its bench', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(scripts['engine']).toBe(`node ${ENGINE_NODE_FLAGS.join(' ')} desktop/bin/engine.ts`);
  const bench = readFileSync(new URL('../../../bench/engine.ts', import.meta.url), 'utf8');
  for (const flag of ENGINE_NODE_FLAGS) expect(bench).toContain(`'${flag}'`);
});
