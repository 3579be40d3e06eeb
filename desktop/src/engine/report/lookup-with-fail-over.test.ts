import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { Lookup } from '#engine/queue/upload-ports.ts';
import { FirstHealthyTarget } from '#engine/target/first-healthy-target.ts';
import { lookupWithFailOver, PATIENCE_MS, type LookupClock } from './lookup-with-fail-over.ts';

const SERVERS = ['http://s1', 'http://s2', 'http://s3'];
const { signal } = new AbortController();

function targetOf(servers: readonly string[], now: () => number = () => 1000): FirstHealthyTarget {
  return new FirstHealthyTarget({ servers, machineKey: 'm', now, random: () => 0.5 });
}

/** Time passes by waiting only, and what is due by then happens. */
class WaitingClock implements LookupClock {
  #nowMs = 1000;
  readonly #plans: { readonly at: number; readonly run: () => void }[] = [];

  readonly now = (): number => this.#nowMs;

  readonly wait = async (ms: number, waiting: AbortSignal): Promise<void> => {
    this.#nowMs += ms;
    for (const { at, run } of this.#plans) if (at <= this.#nowMs) run();
    await Promise.resolve();
    waiting.throwIfAborted();
  };

  at(at: number, run: () => void): void {
    this.#plans.push({ at, run });
  }
}

function answerOf(sha256: readonly string[]): OperatorOutput<'lookupImages'> {
  return { images: sha256.map((hash) => ({ sha256: hash, path: 'p', link: 'l', sizeBytes: 1 })) };
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
    return Promise.resolve(answerOf(sha256));
  });
  expect((await lookup(['a'], signal)).images).toHaveLength(1);
  expect(asked).toEqual([first, second]);
  expect(target.current()).toBe(second);
});

it.each([
  ['a lost connection', 'PEER_UNREACHABLE'],
  ['a busy server', 'PEER_BUSY'],
  ['a server that fails', 'PEER_FAILED'],
] as const)('goes on after %s that is back within a minute', async (_what, code) => {
  const clock = new WaitingClock();
  let isBack = false;
  clock.at(21_000, () => (isBack = true));
  const asked: string[] = [];
  const refuse = failing(code, asked);
  const lookup = lookupWithFailOver(
    targetOf(['http://s1'], clock.now),
    (server, sha256) => (isBack ? Promise.resolve(answerOf(sha256)) : refuse(server, sha256)),
    clock,
  );
  expect((await lookup(['a'], signal)).images).toHaveLength(1);
  expect(clock.now()).toBeLessThan(61_000);
  expect(asked.length).toBeLessThan(10);
});

it('asks again when the pause that a server asked for has passed', async () => {
  const target = targetOf(['http://s1'], Date.now);
  target.begin()?.failed(new FleetError('PEER_BUSY', 'busy'), 80);
  const startedAt = Date.now();
  await lookupWithFailOver(target, (_server, sha256) => Promise.resolve(answerOf(sha256)))(['a'], signal);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(75);
});

it('goes on at once when the fleet sees a server back', async () => {
  const clock = new WaitingClock();
  const target = targetOf(['http://s1'], clock.now);
  target.heard([{ server: 'http://s1', state: 'down' }]);
  let isBack = false;
  const lookup = lookupWithFailOver(
    target,
    (server, sha256) => (isBack ? Promise.resolve(answerOf(sha256)) : failing('PEER_TIMEOUT')(server, sha256)),
    clock,
  );
  for (let failures = 0; failures < 8; failures += 1)
    target.begin()?.failed(new FleetError('PEER_TIMEOUT', 'x'), 60_000);
  clock.at(11_000, () => {
    isBack = true;
    target.heard([{ server: 'http://s1', state: 'up' }]);
  });
  await lookup(['a'], signal);
  expect(clock.now()).toBeLessThan(12_100);
});

it('gives up after a minute, or after the patience that it was given, as the last server failed', async () => {
  for (const patienceMs of [undefined, 5000]) {
    const clock = new WaitingClock();
    const lookup = lookupWithFailOver(targetOf(SERVERS, clock.now), failing('PEER_TIMEOUT'), clock);
    await expect(lookup(['a'], signal, patienceMs)).rejects.toMatchObject({ code: 'PEER_TIMEOUT' });
    expect(clock.now() - 1000).toBeGreaterThanOrEqual(patienceMs ?? PATIENCE_MS);
    expect(clock.now() - 1000).toBeLessThanOrEqual((patienceMs ?? PATIENCE_MS) + 1000);
  }
});

it('says at once, and every time, what no wait changes', async () => {
  const clock = new WaitingClock();
  const asked: string[] = [];
  const lookup = lookupWithFailOver(targetOf(SERVERS, clock.now), failing('KEY_WRONG', asked), clock);
  await expect(lookup(['a'], signal)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  await expect(lookup(['a'], signal)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  expect(new Set(asked).size).toBe(3);
  expect([asked.length, clock.now()]).toEqual([3, 1000]);
});

it('names a wrong key before servers that do not answer', async () => {
  const clock = new WaitingClock();
  const target = targetOf(SERVERS, clock.now);
  const [first = ''] = target.view().map(({ server }) => server);
  const lookup = lookupWithFailOver(
    target,
    (server, sha256) => failing(server === first ? 'KEY_WRONG' : 'PEER_UNREACHABLE')(server, sha256),
    clock,
  );
  await expect(lookup(['a'], signal, 100)).rejects.toMatchObject({ code: 'KEY_WRONG' });
});

it('waits for no server that somebody took out, and says so', async () => {
  const clock = new WaitingClock();
  const target = targetOf(['http://s1'], clock.now);
  target.heard([{ server: 'http://s1', state: 'maintenance' }]);
  const inMaintenance = { code: 'PEER_UNREACHABLE', message: expect.stringContaining('maintenance') as string };
  await expect(lookupWithFailOver(target, failing('INTERNAL'), clock)(['a'], signal)).rejects.toMatchObject(
    inMaintenance,
  );
  const none = lookupWithFailOver(targetOf([], clock.now), failing('INTERNAL'), clock);
  await expect(none(['a'], signal)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(clock.now()).toBe(1000);
});

it('asks every server of a large fleet, and a bounded number of times', async () => {
  const asked: string[] = [];
  const servers = Array.from({ length: 20 }, (_, index) => `http://s${String(index)}`);
  const lookup = lookupWithFailOver(targetOf(servers), failing('PEER_FAILED', asked));
  await expect(lookup(['a'], signal, 0)).rejects.toMatchObject({ code: 'PEER_FAILED' });
  expect(new Set(asked).size).toBe(20);
  const endless: string[] = [];
  const many = Array.from({ length: 80 }, (_, index) => `http://s${String(index)}`);
  await expect(
    lookupWithFailOver(targetOf(many), failing('PEER_UNREACHABLE', endless))(['a'], signal),
  ).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(endless).toHaveLength(50);
});

it('ends at once with an abort while it waits', async () => {
  const stop = new AbortController();
  const target = targetOf(['http://s1'], Date.now);
  target.begin()?.failed(new FleetError('PEER_UNREACHABLE', 'away'), 60_000);
  const asked = lookupWithFailOver(target, failing('PEER_UNREACHABLE'))(['a'], stop.signal);
  setImmediate(() => stop.abort(new Error('enough')));
  await expect(asked).rejects.toThrow('enough');
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
