import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_STATUSES, type HttpCheck } from '#common/health/http-check.ts';
import type { Observation } from '#common/health/observation.ts';
import { freePort, portOf, startBlackHole, startRawServer, startStoppedServer } from '#testing/probe-servers.ts';
import { startStubServer, type StubHandler } from '#testing/stub-server.ts';
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from '#testing/test-certificate.ts';
import { NameLookup } from './name-lookup.ts';
import { MAX_BODY_BYTES, type ProbeTarget } from './probe-target.ts';
import { Prober } from './prober.ts';

interface Case extends Partial<HttpCheck> {
  readonly host?: string;
  readonly timeoutMs?: number;
}

function targetAt(port: number, { host = '127.0.0.1', timeoutMs = 5000, ...http }: Case = {}): ProbeTarget {
  const expected = { path: '/health/live', isTls: false, statuses: DEFAULT_STATUSES, ...http };
  return { name: 's1', host, port, timeoutMs, http: expected };
}

function codeOf(seen: Observation): string {
  return seen.kind === 'success' ? 'success' : `${seen.kind} ${seen.cause.code}`;
}

async function probe(port: number, wanted: Case = {}): Promise<string> {
  return codeOf(await new Prober().probe(targetAt(port, wanted)));
}

async function stub(handler: StubHandler): Promise<number> {
  const server = await startStubServer(handler);
  onTestFinished(() => server.close());
  return Number(new URL(server.url).port);
}

/** What a server that sends `text` as soon as somebody connects, byte for byte, is seen as. */
async function probeRaw(text: string, wanted: Case = {}): Promise<string> {
  const server = await startRawServer((socket) => socket.resume().end(text));
  onTestFinished(() => server.close());
  return probe(server.port, wanted);
}

describe('a probe by HTTP', () => {
  it('takes a right status', async () => {
    const server = await startStubServer((_request, response) => void response.writeHead(204).end());
    onTestFinished(() => server.close());
    const port = Number(new URL(server.url).port);
    const seen = await new Prober().probe(targetAt(port, { path: '/health/live?from=s2' }));
    expect(codeOf(seen)).toBe('success');
    expect(server.requests).toEqual(['GET /health/live?from=s2']);
  });

  it('says who asks whom, and asks for the connection to end', async () => {
    const headers: unknown[] = [];
    const port = await stub((request, response) => {
      headers.push(request.headers);
      response.end();
    });
    await probe(port);
    expect(headers).toEqual([
      { host: `127.0.0.1:${String(port)}`, 'user-agent': 'imagefleet-probe', accept: '*/*', connection: 'close' },
    ]);
  });

  it('refuses a wrong status, and follows no redirect', async () => {
    const port = await stub((request, response) => {
      response.writeHead(request.url === '/moved' ? 302 : 503, { Location: '/' }).end();
    });
    expect(await probe(port)).toBe('failure PROBE_STATUS');
    expect(await probe(port, { path: '/moved' })).toBe('success');
    expect(await probe(port, { path: '/moved', statuses: [{ from: 200, to: 299 }] })).toBe('failure PROBE_STATUS');
    expect(
      await probe(port, {
        statuses: [
          { from: 200, to: 299 },
          { from: 503, to: 503 },
        ],
      }),
    ).toBe('success');
  });

  it('finds the text in pieces of any size, and within its limit only', async () => {
    const port = await stub(async (request, response) => {
      if (request.url === '/far') response.write(Buffer.alloc(MAX_BODY_BYTES, 'x'));
      for (const letter of Buffer.from('Status: 正常')) {
        response.write(Buffer.from([letter]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect(await probe(port, { body: '正常' })).toBe('success');
    expect(await probe(port, { body: 'Status: 正常' })).toBe('success');
    expect(await probe(port, { body: '异常' })).toBe('failure PROBE_BODY');
    expect(await probe(port, { path: '/far', body: '正常' })).toBe('failure PROBE_BODY');
  });

  it('reads a short answer to its end, so that the server has nothing to complain about', async () => {
    const problems: unknown[] = [];
    const ended: boolean[] = [];
    const port = await stub((request, response) => {
      request.socket.on('error', (error) => problems.push(error));
      response.on('close', () => ended.push(response.writableFinished));
      response.write('a');
      setImmediate(() => response.end('b'.repeat(20_000)));
    });
    expect(await probe(port)).toBe('success');
    await expect.poll(() => ended).toEqual([true]);
    expect(problems).toEqual([]);
  });

  it('ends a body that never ends at its limit', async () => {
    let isGone = false;
    const port = await stub((_request, response) => {
      response.on('close', () => (isGone = true));
      const more = (): void => {
        if (!response.destroyed && response.write(Buffer.alloc(16_384))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    expect(await probe(port)).toBe('success');
    await expect.poll(() => isGone).toBe(true);
  });
});

describe('a server that does not answer as it should', () => {
  it('refuses the connection', async () => {
    expect(await probe(await freePort())).toBe('failure PROBE_REFUSED');
  });

  it('is a black hole', async () => {
    const hole = await startBlackHole();
    onTestFinished(() => hole.close());
    expect(await probe(hole.port, { timeoutMs: 200 })).toBe('silence PROBE_TIMEOUT');
  });

  it('is a stopped process: its kernel takes the connection, so the network is proven', async () => {
    const server = await startStoppedServer();
    onTestFinished(() => server.close());
    expect(await probe(server.port, { timeoutMs: 200 })).toBe('failure PROBE_TIMEOUT');
  });

  it('closes or resets the connection before its answer', async () => {
    expect(await probeRaw('')).toBe('failure PROBE_REFUSED');
    const server = await startRawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    onTestFinished(() => server.close());
    expect(await probe(server.port)).toBe('failure PROBE_REFUSED');
  });

  it('breaks off in the body', async () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
    expect(await probeRaw(text, { body: 'whole' })).toBe('failure PROBE_REFUSED');
    expect(await probeRaw(text)).toBe('success');
  });

  it('speaks something else', async () => {
    expect(await probeRaw('SSH-2.0-OpenSSH_9.2\r\n')).toBe('failure PROBE_ANSWER_INVALID');
    expect(await probeRaw('SSH-2.0-OpenSSH_9.2\r\n', { isTls: true })).toBe('failure PROBE_ANSWER_INVALID');
  });

  it('switches protocols unasked', async () => {
    const text = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
    expect(await probeRaw(text)).toMatch(/^failure /);
  });

  it('sends a header without end', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write(`X-More: ${'x'.repeat(1000)}\r\n`, more);
      };
      more();
    });
    onTestFinished(() => server.close());
    expect(await probe(server.port)).toBe('failure PROBE_ANSWER_INVALID');
  });

  it.each(['HTTP/1.1 200 OK\r\nX: ', 'HTTP/1.1 200 OK\r\n\r\n', ''])(
    'drips after %j, and is not waited for longer than asked',
    async (start) => {
      const server = await startRawServer((socket) => {
        socket.write(start);
        const timer = setInterval(() => socket.write('1'), 5);
        socket.on('close', () => clearInterval(timer));
      });
      onTestFinished(() => server.close());
      const beganAt = performance.now();
      const seen = await probe(server.port, { timeoutMs: 200, body: 'never' });
      expect(seen).toMatch(/^failure PROBE_(TIMEOUT|ANSWER_INVALID)$/);
      expect(performance.now() - beganAt).toBeLessThan(5000);
      await expect.poll(() => server.openCount()).toBe(0);
    },
  );
});

describe('a probe by HTTPS', () => {
  async function startTls(): Promise<number> {
    const server = createTlsServer({ cert: LOCALHOST_CERTIFICATE, key: LOCALHOST_KEY }, (_request, response) => {
      response.end('secret');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return portOf(server);
  }

  it('takes a certificate that is valid for the name', async () => {
    const port = await startTls();
    const prober = new Prober({ authorities: LOCALHOST_CERTIFICATE });
    const wanted = { isTls: true, host: 'localhost', body: 'secret' };
    expect(codeOf(await prober.probe(targetAt(port, wanted)))).toBe('success');
    expect(codeOf(await prober.probe(targetAt(port, { ...wanted, host: '127.0.0.1' })))).toBe(
      'failure PROBE_CERTIFICATE',
    );
  });

  it('refuses a certificate that nobody trusts', async () => {
    expect(await probe(await startTls(), { isTls: true, host: 'localhost' })).toBe('failure PROBE_CERTIFICATE');
  });

  it('is not answered in time by a stopped process either', async () => {
    const server = await startStoppedServer();
    onTestFinished(() => server.close());
    expect(await probe(server.port, { isTls: true, timeoutMs: 200 })).toBe('failure PROBE_TIMEOUT');
  });
});

describe('a name with several addresses', () => {
  it('is what the first that takes the connection answers', async () => {
    const port = await stub((_request, response) => void response.writeHead(503).end());
    const names = new NameLookup({
      monotonic: () => performance.now(),
      lookup: (_host, done) =>
        done(
          null,
          ['::1', '127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 0 })),
        ),
    });
    const seen = await new Prober({ names }).probe(targetAt(port, { host: 'three.test' }));
    expect(codeOf(seen)).toBe('failure PROBE_STATUS');
  });
});

describe('a probe that cannot be asked', () => {
  it('has a path that HTTP does not allow', async () => {
    expect(await probe(await stub((_request, response) => void response.end()), { path: '/ä b' })).toBe(
      'ownFailure PROBE_NOT_MADE',
    );
  });
});
