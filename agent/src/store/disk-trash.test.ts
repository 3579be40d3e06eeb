import { link, mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatVersion } from '@imagefleet/shared/common/image/version.ts';
import { DiskTrash } from './disk-trash.ts';
import { tempFolder } from './testing/temp-folder.ts';
import { unknownTrashName } from './trash.ts';

const HOUR_MS = 3_600_000;

function nameAt(wallMs: number, counter = 0): string {
  return formatVersion({ wallMs, counter }, 's1id');
}

async function emptied(folder: string, keptBefore: number): Promise<readonly number[]> {
  const deleted: number[] = [];
  for await (const part of new DiskTrash(folder).empty(keptBefore)) {
    expect(part.failures).toEqual([]);
    deleted.push(part.deleted);
  }
  return deleted;
}

describe('the trash', () => {
  it('loses what was kept before an instant', async () => {
    const folder = await tempFolder();
    const names = [nameAt(1000), unknownTrashName(nameAt(1000))];
    for (const name of names) await writeFile(join(folder, name), 'old');
    expect(await emptied(folder, Date.now() + HOUR_MS)).toEqual([2]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps what was kept a moment ago, however old its bytes and its version are', async () => {
    const folder = await tempFolder();
    const name = nameAt(1000);
    await writeFile(join(folder, 'image'), 'uploaded years ago');
    await utimes(join(folder, 'image'), 1, 1);
    await link(join(folder, 'image'), join(folder, name));
    expect(await emptied(folder, Date.now() - HOUR_MS)).toEqual([0]);
    expect(await readdir(folder)).toContain(name);
  });

  it('keeps what cannot have been kept so early, whatever the file system says', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, nameAt(Date.now() + 2 * HOUR_MS)), 'new');
    expect(await emptied(folder, Date.now() + HOUR_MS)).toEqual([0]);
  });

  it('touches nothing that is not its own', async () => {
    const folder = await tempFolder();
    const foreign = ['precious.png', 'none', `${nameAt(1)}.png`, `x${nameAt(1)}`, 'unknown-', `unknown-x${nameAt(1)}`];
    for (const name of foreign) await writeFile(join(folder, name), '');
    await mkdir(join(folder, nameAt(1, 1)));
    await symlink(join(folder, 'precious.png'), join(folder, nameAt(1, 2)));
    const before = await readdir(folder);
    expect(await emptied(folder, Date.now() + HOUR_MS)).toEqual([0]);
    expect(await readdir(folder)).toEqual(before);
  });

  it('is emptied in parts, and not further than somebody asks', async () => {
    const folder = await tempFolder();
    const names = Array.from({ length: 450 }, (_, index) => nameAt(1000, index));
    for (const name of names) await writeFile(join(folder, name), '');
    for await (const { deleted } of new DiskTrash(folder).empty(Date.now() + HOUR_MS)) {
      expect(deleted).toBe(200);
      break;
    }
    expect(await readdir(folder)).toHaveLength(250);
    expect(await emptied(folder, Date.now() + HOUR_MS)).toEqual([200, 50]);
  });

  it('goes on behind a file that cannot be deleted, and counts it', async () => {
    const folder = await tempFolder();
    const names = Array.from({ length: 450 }, (_, index) => nameAt(1000, index));
    for (const name of names) await writeFile(join(folder, name), '');
    let failed = 0;
    let parts = 0;
    for await (const { failures } of new DiskTrash(folder).empty(Date.now() + HOUR_MS)) {
      parts += 1;
      failed += failures.length;
      for (const failure of failures) expect(failure.code).toBe('IO_FAILED');
      if (parts > 1) continue;
      // Half of what is left becomes folders; the listing has read ahead and takes some of them for files.
      const left = await readdir(folder);
      for (const name of left.filter((_, index) => index % 2 === 0)) {
        await rm(join(folder, name));
        await mkdir(join(folder, name));
      }
    }
    expect(failed).toBeGreaterThan(0);
    expect(await readdir(folder)).toHaveLength(125);
  });

  it('says so when its folder cannot be read', async () => {
    await expect(emptied(join(await tempFolder(), 'gone'), 0)).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});
