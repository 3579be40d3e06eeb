import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Catalog } from '../catalog.ts';
import { WorkerChannel } from './worker-channel.ts';

type CatalogChannel = WorkerChannel<Pick<Catalog, 'find' | 'countImages' | 'requeue'>>;

const SETTINGS = { role: 'reader', file: '/nowhere', peers: [] } as const;
const READY =
  "const { parentPort } = require('node:worker_threads'); parentPort.postMessage({ kind: 'ready', greeting: 'x' });";

/** A thread that says it is ready, then does what `onCalls` says when the first calls come. */
function thread(onCalls: string): { readonly channel: CatalogChannel; readonly crashes: FleetError[] } {
  const source = `${READY} parentPort.on('message', ({ kind }) => { if (kind === 'calls') { ${onCalls} } if (kind === 'close') parentPort.close(); });`;
  const crashes: FleetError[] = [];
  const channel: CatalogChannel = new WorkerChannel(new Worker(source, { eval: true }), (error) => crashes.push(error));
  return { channel, crashes };
}

it.each([
  ['throws', "throw new Error('broken')", 'broken'],
  ['ends', 'process.exit(3)', 'code 3'],
])('fails what waits for a thread that %s, and tells it once', async (_name, onCalls, sentence) => {
  const { channel, crashes } = thread(onCalls);
  await channel.open(SETTINGS);
  const calls = await Promise.allSettled([channel.call('find', 'a.jpg'), channel.call('countImages')]);
  for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
  expect(crashes).toHaveLength(1);
  expect(crashes[0]?.message).toContain(sentence);
  await expect(channel.call('countImages')).rejects.toBe(crashes[0]);
  await channel.close();
});

it('takes an end that was asked for in silence', async () => {
  const { channel, crashes } = thread('');
  await channel.open(SETTINGS);
  const unanswered = channel.call('countImages');
  const closing = channel.close();
  await expect(unanswered).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await closing;
  expect(crashes).toEqual([]);
});

it('puts the parts of a long answer together', async () => {
  const reply = (fields: string): string =>
    `parentPort.postMessage({ kind: 'replies', replies: [{ id: 1, ${fields} }] });`;
  const { channel } = thread(reply('part: [1, 2]') + reply('part: [3]') + reply('value: [4]'));
  await channel.open(SETTINGS);
  expect(await channel.call('requeue', {})).toEqual([1, 2, 3, 4]);
  await channel.close();
});

it('refuses to be opened by a thread that cannot', async () => {
  const channel = new WorkerChannel(new Worker("throw new Error('no module')", { eval: true }));
  await expect(channel.open(SETTINGS)).rejects.toMatchObject({ code: 'INTERNAL' });
});
