import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { QueueItem } from '#engine/queue/queue-item.ts';
import { QUEUE_SCHEMA_VERSION } from '#engine/queue/queue-schema.ts';
import { foundFile, foundFiles, queueItem, queueOnDisk } from '#engine/testing/queue-builders.ts';
import { tempFolder } from '#engine/testing/temp-folder.ts';
import { diagnostics, writeDiagnostics, type Diagnostics, type DiagnosticsOptions } from './diagnostics.ts';

const NOW = Date.UTC(2026, 2, 9, 12);
const COUNTS = {
  ...Object.fromEntries(
    ['queued', 'hashing', 'uploading', 'inDoubt', 'done', 'present', 'failed', 'paused', 'cancelled'].map((state) => [
      state,
      { files: 0, bytes: 0 },
    ]),
  ),
} as ReturnType<DiagnosticsOptions['store']['counts']>;

function storeOf(failed: readonly QueueItem[]): DiagnosticsOptions['store'] {
  return { counts: () => COUNTS, passedOver: () => 0, page: () => ({ items: failed, next: null }) };
}

function tell(more: Partial<DiagnosticsOptions> = {}): Promise<Diagnostics> {
  return diagnostics({
    ...{ version: '1.2.3', settings: {}, servers: [], secrets: [], home: '/home/ann', store: storeOf([]) },
    ...{ queueFile: '/home/ann/data/queue.sqlite', faults: { list: () => [] }, fleet: null, now: () => NOW },
    ...{ signal: new AbortController().signal, ...more },
  });
}

describe('the diagnostics', () => {
  it('tell program, machine, queue, faults and servers in one document', async () => {
    const { file, queue } = queueOnDisk();
    queue.add(foundFiles(5));
    const failure = { code: 'FILE_TOO_LARGE', message: 'too large' } as const;
    queue.change([1, 2, 3, 4].map((key) => ({ key, state: 'failed', failure })));
    queue.change([{ key: 5, state: 'failed', failure: { code: 'FILE_MISSING', message: 'gone' } }]);
    const target = join(tempFolder(), 'diagnostics.json');
    await writeDiagnostics(
      target,
      await tell({
        ...{ store: queue, queueFile: file, settings: { limit: 5, key: 'abc' }, fleet: { servers: ['s1'] } },
        servers: ['https://ann:pw@i-1.example.com:7401/x?SecurityKey=abc#t', 'nonsense'],
        faults: { list: () => [{ at: NOW, code: 'DISK_FULL', message: 'full' }] },
      }),
    );
    const told = JSON.parse(await readFile(target, 'utf8')) as Diagnostics;
    expect(told).toMatchObject({
      ...{ version: 1, at: '2026-03-09T12:00:00.000Z', program: { name: 'imagefleet-desktop', version: '1.2.3' } },
      machine: { platform: process.platform, versions: { node: process.versions.node } },
      ...{ settings: { limit: 5, key: '[removed]' }, servers: ['https://i-1.example.com:7401/x', 'no address'] },
      faults: [{ at: '2026-03-09T12:00:00.000Z', code: 'DISK_FULL', message: 'full' }],
      fleet: { servers: ['s1'] },
    });
    expect(told.queue).toMatchObject({
      schemaVersion: QUEUE_SCHEMA_VERSION,
      problem: null,
      content: { passedOver: 0 },
    });
    expect((await stat(target)).mode & 0o777).toBe(0o600);
    expect(told.queue.sizeBytes).toBeGreaterThan(0);
    expect(told.queue.content?.counts.failed).toEqual({ files: 5, bytes: 5 * 1000 + 15 });
    expect(told.queue.content?.failures).toMatchObject([
      { code: 'FILE_TOO_LARGE', files: 4, bytes: 4010 },
      { code: 'FILE_MISSING', files: 1, examples: [{ file: foundFile(5).file, message: 'gone' }] },
    ]);
    expect(told.queue.content?.failures[0]?.examples).toHaveLength(3);
  });

  it('are there also when the queue is not', async () => {
    const counts = (): never => {
      throw new FleetError('IO_FAILED', 'the disk of /home/ann/data fails');
    };
    expect((await tell({ store: { ...storeOf([]), counts } })).queue).toMatchObject({
      ...{ file: '~/data/queue.sqlite', content: null, sizeBytes: null },
      problem: { code: 'IO_FAILED', message: 'the disk of ~/data fails' },
    });
  });

  it('end with the reason of an abort', async () => {
    await expect(tell({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

/** As keys are made: what a header takes. */
const aToken = fc.stringMatching(/^sk-[A-Za-z0-9._~+/-]{12,30}$/);
/** As people choose them. */
const aKey = fc.string({ minLength: 8, unit: 'grapheme' }).map((text) => `§${text}`);

describe('a secret', () => {
  it('is not in the path of a server either, which addresses write in their own way', async () => {
    const secret = 'a|b^c{d}`e"f g§';
    const { servers } = await tell({ secrets: [secret], servers: [`http://s1:7401/${secret}/x`] });
    expect(servers).toEqual(['http://s1:7401/[removed]/x']);
  });

  it('that the program knows is nowhere in them, wherever it stood', async () => {
    await fc.assert(
      fc.asyncProperty(aKey, aKey, async (secret, other) => {
        const text = `before ${secret} after ${encodeURIComponent(other.toWellFormed())}`;
        const failure = { code: 'IO_FAILED', message: text } as const;
        const told = await tell({
          ...{ secrets: [secret, other], version: text, settings: { [secret]: text, deep: [{ note: text }] } },
          ...{
            servers: [`http://s1/${encodeURIComponent(secret.toWellFormed())}`, secret, `http://s1/${other}/x`],
            fleet: { name: text },
          },
          store: storeOf([queueItem({ state: 'failed', file: `/home/ann/${secret}/a.png`, failure })]),
          ...{ queueFile: `/data/${secret}`, faults: { list: () => [{ at: NOW, code: secret, message: text }] } },
        });
        const written = JSON.stringify(told);
        for (const one of [secret, other]) {
          expect(written).not.toContain(one);
          expect(written).not.toContain(JSON.stringify(one).slice(1, -1));
          expect(written.toLowerCase()).not.toContain(encodeURIComponent(one.toWellFormed()).toLowerCase());
        }
      }),
      { numRuns: 200 },
    );
  });

  it('that nobody told them of is not in them where secrets stand', async () => {
    const places: readonly ((secret: string) => string)[] = [
      (secret) => `Authorization: Bearer ${secret}`,
      (secret) => `answered 401 to Bearer ${secret}`,
      (secret) => `GET /do.ashx?action=upload&SecurityKey=${secret}&format=json`,
      (secret) => `Cookie: theme=dark; imagefleet-s1=${secret}`,
      (secret) => `Set-Cookie: imagefleet-s1=${secret}; HttpOnly`,
      (secret) => `{"peerKey":"${secret}","n":1}`,
      (secret) =>
        `connect http://user:${secret}@i-1.example.com:7401/x failed`.replace(
          `:${secret}`,
          `:${encodeURIComponent(secret)}`,
        ),
      (secret) => `open http://i-1.example.com/console#token=${secret}`,
      (secret) => `open http://i-1.example.com/x?a=${secret}`,
      (secret) => `token: ${secret}`,
      (secret) => `password = '${secret}'`,
    ];
    await fc.assert(
      fc.asyncProperty(aToken, fc.constantFrom(...places), async (secret, place) => {
        const text = place(secret);
        const failure = { code: 'IO_FAILED', message: text } as const;
        const told = await tell({
          ...{ settings: { note: text, accessToken: secret, keys: [secret] }, fleet: [{ cause: { message: text } }] },
          servers: [`http://ann:${encodeURIComponent(secret)}@s1:7401/?key=${secret}#${secret}`],
          store: storeOf([queueItem({ state: 'failed', failure })]),
          faults: { list: () => [{ at: NOW, code: 'INTERNAL', message: text }] },
        });
        expect(JSON.stringify(told)).not.toContain(secret);
        expect(JSON.stringify(told)).not.toContain(encodeURIComponent(secret));
      }),
      { numRuns: 300 },
    );
  });
});
