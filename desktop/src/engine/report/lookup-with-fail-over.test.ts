import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Lookup } from '#engine/queue/upload-ports.ts';
import { FirstHealthyTarget } from '#engine/target/first-healthy-target.ts';
import { lookupWithFailOver } from './lookup-with-fail-over.ts';

const SERVERS = ['http://s1', 'http://s2', 'http://s3'];
const { signal } = new AbortController();

function targetOf(servers: readonly string[]): FirstHealthyTarget {
  return new FirstHealthyTarget({ servers, machineKey: 'm', now: () => 1000, random: () => 0.5 });
}

function failing(code: FleetError['code'], asked: string[] = []): Lookup {
  return (server) => {
    asked.push(server);
    return Promise.reject(new FleetError(code, `${server} failed`));
  };
}

it('asks the next server when one fails, and uploads know of it', async () => {
  const target = targetOf(SERVERS);
  const [first, second] = target.view().map(({ server }) => server);
  const asked: string[] = [];
  const lookup = lookupWithFailOver(target, (server, sha256) => {
    asked.push(server);
    if (server === first) return Promise.reject(new FleetError('PEER_UNREACHABLE', 'no connection'));
    return Promise.resolve({ images: sha256.map((hash) => ({ sha256: hash, path: 'p', link: 'l', sizeBytes: 1 })) });
  });
  expect((await lookup(['a'], signal)).images).toHaveLength(1);
  expect(asked).toEqual([first, second]);
  expect(target.current()).toBe(second);
});

it('fails as the last server did, and at once where there is none', async () => {
  const asked: string[] = [];
  const lookup = lookupWithFailOver(targetOf(SERVERS), failing('PEER_TIMEOUT', asked));
  await expect(lookup(['a'], signal)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
  expect(new Set(asked).size).toBe(3);
  await expect(lookup(['a'], signal)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(asked).toHaveLength(3);
});

it('asks a bounded number of times', async () => {
  const asked: string[] = [];
  const servers = Array.from({ length: 20 }, (_, index) => `http://s${String(index)}`);
  const lookup = lookupWithFailOver(targetOf(servers), failing('PEER_UNREACHABLE', asked));
  await expect(lookup(['a'], signal)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(asked).toHaveLength(6);
});

it('ends at once with an abort, and holds nothing against the server', async () => {
  const target = targetOf(['http://s1']);
  const stop = new AbortController();
  const lookup = lookupWithFailOver(target, () => new Promise(() => undefined));
  const asked = lookup(['a'], stop.signal);
  stop.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(lookup(['a'], stop.signal)).rejects.toThrow('enough');
  expect(target.current()).toBe('http://s1');
});

it('lets a defect through and holds nothing against the server', async () => {
  const target = targetOf(['http://s1']);
  const lookup = lookupWithFailOver(target, () => Promise.reject(new TypeError('defect')));
  await expect(lookup(['a'], signal)).rejects.toThrow(TypeError);
  expect(target.current()).toBe('http://s1');
});
