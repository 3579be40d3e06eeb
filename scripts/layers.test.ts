import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLayers } from './layers.ts';

const ROOT = join(import.meta.dirname, '..');

/** A small copy of the house with the real package.json files, in which single imports are tried. */
describe('import directions', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-layers-'));
    for (const workspace of ['agent', 'shared', 'desktop']) {
      await mkdir(join(dir, workspace, 'src'), { recursive: true });
      await cp(join(ROOT, workspace, 'package.json'), join(dir, workspace, 'package.json'));
    }
    await mkdir(join(dir, 'node_modules/@imagefleet'), { recursive: true });
    await symlink(join(dir, 'shared'), join(dir, 'node_modules/@imagefleet/shared'), 'junction');
    await files({
      'shared/src/common/image/record.ts':
        'export interface ImageRecord { readonly path: string }\nexport const EMPTY = 1;',
      'shared/src/node/probe.ts': "import { EMPTY } from '#common/image/record.ts';\nexport const probe = EMPTY;",
      'agent/src/store/catalog.ts': 'export interface Catalog { readonly id: string }\nexport const open = 1;',
      'agent/src/services/ingest.ts': "import { open } from '#store/catalog.ts';\nexport const ingest = open;",
      'agent/src/http/upload.ts': "import { ingest } from '#services/ingest.ts';\nexport const upload = ingest;",
      'agent/src/compose.ts': "import { upload } from '#http/upload.ts';\nexport const compose = upload;",
      'agent/src/cli/status.ts':
        "import { probe } from '@imagefleet/shared/node/probe.ts';\nexport const status = probe;",
    });
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  async function files(contents: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(contents)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), `${text}\n`);
    }
  }

  it('looks at every file and finds nothing where all imports point the right way', async () => {
    expect(await checkLayers(dir)).toEqual({ fileCount: 7, violations: [] });
  });

  it.each([
    ['agent/src/store/wrong.ts', "export * from '#http/upload.ts';", 'agent-store'],
    ['agent/src/services/wrong.ts', "export * from '#http/upload.ts';", 'agent-services'],
    ['agent/src/http/wrong.ts', "export { open } from '#store/catalog.ts';", 'agent-http-decides-nothing'],
    ['agent/src/http/wrong.ts', "export * from '#agent/compose.ts';", 'only-compose-sees-all'],
    ['agent/src/cli/wrong.ts', "export * from '#services/ingest.ts';", 'agent-cli'],
    ['agent/src/store/wrong.ts', "export * from '#store/missing.ts';", 'resolves'],
    ['agent/src/store/wrong.ts', "export * from '@imagefleet/shared/testing/fake.ts';", 'testing-stays-in-tests'],
    ['agent/src/store/wrong.ts', "import 'vitest';", 'packages-are-declared'],
    ['shared/src/common/wrong.ts', "export * from '#node/probe.ts';", 'common-is-pure'],
    ['shared/src/common/wrong.ts', "import 'node:fs';", 'common-without-node'],
    ['shared/src/node/wrong.ts', "export * from '../../../agent/src/store/catalog.ts';", 'shared-is-below'],
    ['desktop/src/wrong.ts', "export * from '../../agent/src/store/catalog.ts';", 'desktop-without-agent'],
    ['agent/src/cli/wrong.ts', "export * from '../../../desktop/src/window.ts';", 'agent-without-desktop'],
    ['desktop/src/console/features/a/wrong.tsx', "export * from '../b/page.tsx';", 'console-features-are-alone'],
    [
      'desktop/src/console/features/a/wrong.tsx',
      "export * from '#console/app/shell.tsx';",
      'console-features-are-alone',
    ],
    ['desktop/src/engine/wrong.ts', "export * from '../console/app/shell.tsx';", 'engine-is-plain-node'],
    ['desktop/src/bridge/wrong.ts', "export * from '../console/app/shell.tsx';", 'bridge-is-pure'],
    ['desktop/src/main/wrong.ts', "export * from '../console/app/shell.tsx';", 'main-asks-the-engine'],
    ['desktop/src/main/wrong.ts', "export * from 'electron';", 'electron-is-bound-once'],
    ['desktop/src/console/ui/wrong.ts', "export * from '#console/app/shell.tsx';", 'console-parts-are-below'],
    ['desktop/src/console/app/wrong.ts', "import 'axios';", 'console-is-host-neutral'],
  ])('refuses %s: %s', async (name, text, rule) => {
    await files({
      [name]: text,
      'shared/src/testing/fake.ts': 'export const fake = 1;',
      'desktop/src/window.ts': 'export const show = 1;',
      'desktop/src/console/features/b/page.tsx': 'export const page = 1;',
      'desktop/src/console/app/shell.tsx': 'export const shell = 1;',
      'node_modules/axios/package.json': '{ "name": "axios", "main": "index.js" }',
      'node_modules/axios/index.js': '',
      'node_modules/electron/package.json': '{ "name": "electron", "main": "main.js" }',
      'node_modules/electron/main.js': '',
      'node_modules/vitest/package.json': '{ "name": "vitest", "main": "index.js" }',
      'node_modules/vitest/index.js': '',
    });
    const { violations } = await checkLayers(dir);
    expect(violations.join('\n')).toContain(`${name} must not import`);
    expect(violations.join('\n')).toContain(`(${rule})`);
  });

  it('lets types of a port pass to http', async () => {
    await files({
      'agent/src/http/serve.ts': "import type { Catalog } from '#store/catalog.ts';\nexport type C = Catalog;",
    });
    expect((await checkLayers(dir)).violations).toEqual([]);
  });

  it('refuses a circle, but not one through a type', async () => {
    await files({
      'agent/src/store/a.ts': "import { b } from './b.ts';\nexport const a = () => b;",
      'agent/src/store/b.ts': "import type { a } from './a.ts';\nexport const b: typeof a | 1 = 1;",
    });
    expect((await checkLayers(dir)).violations).toEqual([]);
    await files({ 'agent/src/store/b.ts': "import { a } from './a.ts';\nexport const b = () => a;" });
    expect((await checkLayers(dir)).violations.join('\n')).toContain('(no-circles)');
  });
});
