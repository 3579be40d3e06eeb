import { expect, it } from 'vitest';
import { startedCatalog, type CatalogFactory } from './catalog-builders.ts';
import { tempFolder } from './temp-folder.ts';

export function factContract(make: CatalogFactory): void {
  it('keeps them, replaces them, and forgets what is null', async () => {
    const catalog = await startedCatalog(make);
    expect(await catalog.recall()).toEqual(new Map());
    await catalog.remember([
      { name: 'a', value: '1' },
      { name: 'b', value: '' },
      { name: '图片', value: '照片\n' },
    ]);
    await catalog.remember([
      { name: 'a', value: '2' },
      { name: 'b', value: null },
      { name: 'never was', value: null },
    ]);
    expect(await catalog.recall()).toEqual(
      new Map([
        ['a', '2'],
        ['图片', '照片\n'],
      ]),
    );
    expect(await catalog.countImages()).toBe(0);
  });

  it('has them after a restart', async () => {
    const folder = await tempFolder();
    const catalog = make(folder);
    await catalog.start([]);
    await catalog.remember([{ name: 'a', value: '1' }]);
    await catalog.stop();
    expect(await (await startedCatalog(make, folder)).recall()).toEqual(new Map([['a', '1']]));
  });
}
