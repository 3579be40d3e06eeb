import { describe, expect, it, onTestFinished } from 'vitest';
import type { Observation } from '#common/health/observation.ts';
import { freePort, startBlackHole, startRawServer, startStoppedServer } from '#testing/probe-servers.ts';
import { NameLookup } from './name-lookup.ts';
import type { ProbeTarget } from './probe-target.ts';
import { Prober } from './prober.ts';

function targetAt(port: number, overrides: Partial<ProbeTarget> = {}): ProbeTarget {
  return { name: 's1', host: '127.0.0.1', port, timeoutMs: 5000, ...overrides };
}

function codeOf(seen: Observation): string {
  return seen.kind === 'success' ? 'success' : `${seen.kind} ${seen.cause.code}`;
}

describe('a probe by connecting', () => {
  it('succeeds where somebody listens', async () => {
    const server = await startRawServer((socket) => socket.resume());
    onTestFinished(() => server.close());
    const seen = await new Prober().probe(targetAt(server.port));
    expect(seen).toEqual({ kind: 'success', latencyMs: expect.any(Number) as number });
    expect(seen.kind === 'success' && seen.latencyMs).toBeGreaterThan(0);
  });

  it('fails at a refusal, and says where', async () => {
    const port = await freePort();
    const seen = await new Prober().probe(targetAt(port));
    expect(codeOf(seen)).toBe('failure PROBE_REFUSED');
    expect(seen).toMatchObject({
      cause: { message: `127.0.0.1:${String(port)} refused the connection (ECONNREFUSED)` },
    });
  });

  it('to a port that cannot be one could not be made', async () => {
    expect(codeOf(await new Prober().probe(targetAt(70_000)))).toBe('ownFailure PROBE_NOT_MADE');
  });

  it('hears silence from a black hole, no later than asked', async () => {
    const hole = await startBlackHole();
    onTestFinished(() => hole.close());
    expect(codeOf(await new Prober().probe(targetAt(hole.port, { timeoutMs: 300 })))).toBe('silence PROBE_TIMEOUT');
  });

  it('cannot tell a stopped process from one that works', async () => {
    const server = await startStoppedServer();
    onTestFinished(() => server.close());
    expect(codeOf(await new Prober().probe(targetAt(server.port)))).toBe('success');
  });

  it('reaches an IPv6 address', async () => {
    const server = await startRawServer((socket) => socket.resume(), '::1');
    onTestFinished(() => server.close());
    expect(codeOf(await new Prober().probe(targetAt(server.port, { host: '::1' })))).toBe('success');
  });

  it('lets nobody wait for a black hole', async () => {
    const [hole, server] = [await startBlackHole(), await startRawServer((socket) => socket.resume())];
    onTestFinished(() => Promise.all([hole.close(), server.close()]).then(() => undefined));
    const prober = new Prober();
    const silent = Array.from({ length: 100 }, () => prober.probe(targetAt(hole.port, { timeoutMs: 60_000 })));
    expect(codeOf(await prober.probe(targetAt(server.port)))).toBe('success');
    prober.stop();
    expect(new Set((await Promise.all(silent)).map(codeOf))).toEqual(new Set(['ownFailure PROBE_NOT_MADE']));
    expect(codeOf(await prober.probe(targetAt(server.port)))).toBe('ownFailure PROBE_NOT_MADE');
  });

  it('lets the server see an end, and no error', async () => {
    const server = await startRawServer((socket) => socket.resume());
    onTestFinished(() => server.close());
    const prober = new Prober();
    for (let round = 0; round < 20; round += 1) await prober.probe(targetAt(server.port));
    await expect.poll(() => server.seen.ends).toBe(20);
    expect(server.seen).toEqual({ connections: 20, ends: 20, errors: [] });
  });
});

describe('many probes', () => {
  it('close in order while they are few, and by a reset beyond that', async () => {
    const server = await startRawServer((socket) => socket.resume());
    onTestFinished(() => server.close());
    const prober = new Prober({ monotonic: () => 0 });
    for (let round = 0; round < 130; round += 1) await prober.probe(targetAt(server.port));
    await expect.poll(() => server.seen.errors.length + server.seen.ends).toBe(130);
    expect(server.seen.ends).toBe(100);
    expect(new Set(server.seen.errors)).toEqual(new Set(['ECONNRESET']));
  });
});

describe('a probe of a name', () => {
  it('that has no address says nothing of the server', async () => {
    const seen = await new Prober().probe(targetAt(80, { host: 'nobody.invalid' }));
    expect(codeOf(seen)).toBe('ownFailure NAME_UNRESOLVED');
  });

  it('does not wait longer for the look-up than for an answer', async () => {
    const names = new NameLookup({ monotonic: () => performance.now(), lookup: () => undefined });
    const seen = await new Prober({ names }).probe(targetAt(80, { host: 'slow.test', timeoutMs: 30 }));
    expect(codeOf(seen)).toBe('ownFailure NAME_UNRESOLVED');
  });

  it('tries all addresses of the name, and the one that answered first the next time', async () => {
    const server = await startRawServer((socket) => socket.resume());
    onTestFinished(() => server.close());
    const names = new NameLookup({
      monotonic: () => performance.now(),
      lookup: (_host, done) =>
        done(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]),
    });
    const prober = new Prober({ names });
    expect(codeOf(await prober.probe(targetAt(server.port, { host: 'two.test' })))).toBe('success');
    names.find('two.test', (answer) => expect(answer).toEqual({ addresses: ['127.0.0.1', '::1'] }));
  });

  it('believes the address that tells most of the server', async () => {
    const port = await freePort();
    const names = new NameLookup({
      monotonic: () => performance.now(),
      // The second one has a form that the system refuses before it sends anything.
      lookup: (_host, done) =>
        done(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '255.255.255.255', family: 4 },
        ]),
    });
    expect(codeOf(await new Prober({ names }).probe(targetAt(port, { host: 'two.test' })))).toBe(
      'failure PROBE_REFUSED',
    );
  });
});
