import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SqliteCatalog } from '../sqlite-catalog.ts';
import { ownedText, smallFilesContract } from '../testing/small-files-contract.ts';
import { tempFolder } from '../testing/temp-folder.ts';

async function catalog(): Promise<SqliteCatalog> {
  const started = new SqliteCatalog({ file: join(await tempFolder(), 'catalog.sqlite') });
  await started.start([]);
  onTestFinished(() => started.stop());
  return started;
}

smallFilesContract(async () => (await catalog()).files);

it('finishes what was handed in before its thread ends, and takes nothing afterwards', async () => {
  const owner = await catalog();
  const folder = await tempFolder();
  const written = owner.files.write(join(folder, 'a'), ownedText('last words'));
  await owner.stop();
  expect(await written).toHaveLength(64);
  await expect(owner.files.read(join(folder, 'a'), 10)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});
