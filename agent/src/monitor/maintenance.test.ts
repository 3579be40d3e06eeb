import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { SqliteCatalog } from '#store/sqlite-catalog.ts';
import { catalogMaintenance, fileMaintenance, Maintenance, type MaintenanceStore } from './maintenance.ts';

const WATCHED = ['s1', 's2', '[::1]:42424', '图片'];

/** Every store has to pass; `make` opens what the last one left. */
function maintenanceContract(make: () => Promise<MaintenanceStore>): void {
  const start = async (watched: readonly string[] = WATCHED): Promise<Maintenance> => {
    const maintenance = new Maintenance(await make(), silentLogger);
    await maintenance.start(watched);
    return maintenance;
  };

  it('holds over a restart until it is ended', async () => {
    const first = await start();
    expect(first.names().size).toBe(0);
    await Promise.all(WATCHED.map((name) => first.set(name, name !== 's1')));
    const second = await start();
    expect([...second.names()].sort()).toEqual(WATCHED.slice(1).sort());
    await second.set('s2', false);
    await second.set('s2', false);
    expect((await start()).has('s2')).toBe(false);
  });

  it('forgets servers that are not watched any more', async () => {
    await (await start()).set('s2', true);
    expect([...(await start(['s1'])).names()]).toEqual([]);
  });

  it('is what was asked for last, however many ask at once', async () => {
    const maintenance = await start();
    await Promise.all(Array.from({ length: 21 }, (_, index) => maintenance.set('s1', index % 2 === 0)));
    expect(maintenance.has('s1')).toBe(true);
    expect((await start()).has('s1')).toBe(true);
  });
}

describe('maintenance', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-maintenance-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  describe('in a file', () => {
    maintenanceContract(async () => fileMaintenance(join(dir, 'maintenance.json')));

    it('is written whole, with a version', async () => {
      const maintenance = new Maintenance(fileMaintenance(join(dir, 'maintenance.json')), silentLogger);
      await maintenance.start(WATCHED);
      await maintenance.set('s2', true);
      expect(JSON.parse(await readFile(join(dir, 'maintenance.json'), 'utf8'))).toEqual({
        version: 1,
        servers: ['s2'],
      });
      expect(await readdir(dir)).toEqual(['maintenance.json']);
    });

    it.each(['{', '[]', '{"version":2,"servers":[]}', '{"version":1,"servers":[1]}'])(
      'counts as none when it is damaged, is told of, and is whole after the next change: %j',
      async (text) => {
        const file = join(dir, 'maintenance.json');
        await writeFile(file, text);
        const told: string[] = [];
        const logger = { ...silentLogger, error: (event: string) => told.push(event) };
        const maintenance = new Maintenance(fileMaintenance(file), logger);
        await maintenance.start(WATCHED);
        expect([maintenance.names().size, told]).toEqual([0, ['maintenance.unreadable']]);
        expect(await readFile(`${file}.damaged`, 'utf8')).toBe(text);
        await maintenance.set('s1', true);
        const next = new Maintenance(fileMaintenance(file), silentLogger);
        await next.start(WATCHED);
        expect(next.has('s1')).toBe(true);
      },
    );

    it('stays as it was when it cannot be written, and the next change goes on from there', async () => {
      const store = fileMaintenance(join(dir, 'none', 'maintenance.json'));
      const maintenance = new Maintenance(store, silentLogger);
      await maintenance.start(WATCHED);
      await expect(maintenance.set('s1', true)).rejects.toMatchObject({ code: 'IO_FAILED' });
      expect(maintenance.has('s1')).toBe(false);
      await expect(maintenance.set('s1', false)).resolves.toBeUndefined();
    });
  });

  describe('in the catalog of an agent', () => {
    let catalog: SqliteCatalog | undefined;
    afterEach(() => catalog?.stop());

    maintenanceContract(async () => {
      await catalog?.stop();
      catalog = new SqliteCatalog({ file: join(dir, 'catalog.sqlite'), onCrash: () => undefined });
      await catalog.start([]);
      return catalogMaintenance(catalog);
    });
  });
});
