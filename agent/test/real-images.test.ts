import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMMAND, eventually, KEY, makeFleet } from './support/agent-process.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { sha256 } from './support/upload.ts';

const FOLDER = join(import.meta.dirname, '../../dist/real-images');
if (!existsSync(FOLDER))
  console.warn('real-images: skipped, "node scripts/real-images.ts" found no Debian packages to unpack');

it.skipIf(!existsSync(FOLDER))(
  'keeps 7,000 real images, many of one name, byte for byte on all three servers',
  { timeout: 300_000 },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const agents = await makeFleet(dir, 3);
    await Promise.all(agents.map((agent) => agent.start()));
    try {
      const csv = join(dir, 'links.csv');
      const args = [
        COMMAND,
        'upload',
        FOLDER,
        '--server',
        agents[0]?.url ?? '',
        '--key',
        KEY,
        '--links',
        csv,
        '--json',
        '--concurrency',
        '16',
      ];
      const summary = await new Promise<Record<string, number>>((resolve, reject) => {
        execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
          if (error) reject(new Error(`${error.message}\n${stderr}`, { cause: error }));
          else resolve(JSON.parse(stdout) as Record<string, number>);
        });
      });
      expect(summary).toMatchObject({ failed: 0, refused: 0 });
      await eventually('ledgers empty', 60_000, () => ledgersEmpty(agents));

      const links = (await readFile(csv, 'utf8'))
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((row) => /^"?(.*?)"?,(http[^,"]+)"?$/.exec(row));
      expect(links.length).toBeGreaterThan(6900);
      const onDisk = await expectEqualFleet(agents, new Set(links.map((row) => row?.[2])).size);
      for (const row of links) {
        const [, file = '', link = ''] = row ?? [];
        expect(onDisk.get(new URL(link).pathname.slice(1)), file).toBe(
          sha256(await readFile(file.replaceAll('""', '"'))),
        );
      }
      expect(new Set(onDisk.values()).size).toBe(onDisk.size);
    } finally {
      await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
      await rm(dir, { recursive: true, force: true });
    }
  },
);
