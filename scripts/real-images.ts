import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** About 7,000 real images of 193 bytes to 16 MB, many of which share a file name. */
const PACKAGES = ['openclipart-png', 'plasma-workspace-wallpapers', 'mate-backgrounds'];
const FOLDER = join(import.meta.dirname, '../dist/real-images');

/** Unpacks Debian's image packages below dist/, once. Answers the folder, or undefined where that is not possible. */
export function realImages(): string | undefined {
  if (existsSync(FOLDER)) return FOLDER;
  const work = mkdtempSync(join(tmpdir(), 'imagefleet-images-'));
  try {
    execFileSync('apt-get', ['download', '-qq', ...PACKAGES], { cwd: work, stdio: ['ignore', 'ignore', 'ignore'] });
    for (const file of readdirSync(work)) execFileSync('dpkg', ['-x', join(work, file), join(work, 'tree')]);
    mkdirSync(join(FOLDER, '..'), { recursive: true });
    execFileSync('cp', ['-r', join(work, 'tree', 'usr', 'share'), `${FOLDER}.part`]);
    renameSync(`${FOLDER}.part`, FOLDER);
    return FOLDER;
  } catch (error) {
    console.warn(
      `real images: not to be had here (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`,
    );
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(realImages() ?? 'none');
