import { createConnection, Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePort, startBlackHole, startRawServer } from '#testing/probe-servers.ts';
import { bareConnect, type BareConnect, type BareConnection } from './bare-connect.ts';

interface Heard {
  readonly connection: BareConnection;
  readonly told: string[];
  readonly first: Promise<string>;
}

function begin(connect: BareConnect, port: number, address = '127.0.0.1'): Heard {
  const told: string[] = [];
  const { promise: first, resolve } = Promise.withResolvers<string>();
  const tell = (what: string): void => {
    told.push(what);
    resolve(what);
  };
  const connection = connect(
    { address, port, isEphemeral: true },
    { connected: () => tell('connected'), failed: (errno, isSent) => tell(`${errno} ${isSent ? 'sent' : 'not sent'}`) },
  );
  // Whatever is known at once is told later.
  expect(told).toEqual([]);
  return { connection, told, first };
}

async function listen(host = '127.0.0.1') {
  const server = await startRawServer((socket) => socket.resume(), host);
  onTestFinished(() => server.close());
  return server;
}

/** Long enough for everything on loopback that was still to come. */
const SETTLED_MS = 60;

describe.each([
  ['by the handle', bareConnect()],
  ['by a socket', bareConnect(() => undefined)],
])('a connection that is only made and ended, %s', (_, connect) => {
  it.each(['127.0.0.1', '::1'])('is told once, at %s', async (host) => {
    const server = await listen(host);
    const { connection, told, first } = begin(connect, server.port, host);
    expect(await first).toBe('connected');
    connection.end(true);
    await expect.poll(() => server.seen.ends).toBe(1);
    expect([server.seen.connections, server.seen.errors, told]).toEqual([1, [], ['connected']]);
  });

  it('can end by a reset', async () => {
    const server = await listen();
    const { connection, first } = begin(connect, server.port);
    await first;
    connection.end(false);
    await expect.poll(() => server.seen.errors).toEqual(['ECONNRESET']);
  });

  it('fails where nobody listens, where the system refuses it, and at a port that cannot be one', async () => {
    for (const [port, address, expected] of [
      [await freePort(), '127.0.0.1', 'ECONNREFUSED sent'],
      // Linux has no route to the broadcast address for TCP.
      [80, '255.255.255.255', 'ENETUNREACH not sent'],
      [70_000, '127.0.0.1', 'ERR_SOCKET_BAD_PORT not sent'],
    ] as const) {
      const { connection, told, first } = begin(connect, port, address);
      expect(await first).toBe(expected);
      connection.end(true);
      await delay(SETTLED_MS);
      expect(told).toEqual([expected]);
    }
  });

  it('is told nothing after its end, whenever that is', async () => {
    const server = await listen();
    const hole = await startBlackHole();
    onTestFinished(() => hole.close());
    const atOnce = begin(connect, server.port);
    atOnce.connection.end(true);
    const refused = begin(connect, await freePort());
    refused.connection.end(false);
    const badPort = begin(connect, 70_000);
    badPort.connection.end(true);
    const silent = begin(connect, hole.port);
    await delay(SETTLED_MS);
    silent.connection.end(true);
    await delay(SETTLED_MS);
    expect([atOnce, refused, badPort, silent].map(({ told }) => told)).toEqual([[], [], [], []]);
  });

  it('does not take a connection to itself for a server', async () => {
    // A port that the system may give to the connection itself is met by trying; what is told is never "connected".
    const port = await freePort();
    const echo = createConnection({ host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port });
    onTestFinished(() => void echo.destroy());
    await once(echo, 'connect');
    const { connection, first } = begin(connect, port);
    expect(await first).toMatch(/^E[A-Z]+ (sent|not sent)$/);
    connection.end(true);
  });

  it('does thousands of times, many at once, what it does once', async () => {
    const server = await listen();
    const closed = await freePort();
    for (let round = 0; round < 40; round += 1) {
      const heard = Array.from({ length: 50 }, (_unused, index) =>
        begin(connect, index % 5 === 0 ? closed : server.port),
      );
      const firsts = await Promise.all(
        heard.map(async ({ connection, first }, index) => {
          // Some are given up before anything is known of them.
          if (index % 7 === 3) {
            connection.end(true);
            return 'given up';
          }
          const what = await first;
          connection.end(index % 2 === 0);
          return what;
        }),
      );
      for (const [index, what] of firsts.entries()) {
        if (index % 7 === 3) expect(heard[index]?.told).toEqual([]);
        else expect(what).toBe(index % 5 === 0 ? 'ECONNREFUSED sent' : 'connected');
      }
    }
    await expect.poll(() => server.openCount()).toBe(0);
  });
});

it.each([
  ['no socket with the Node that the product runs on', bareConnect(), 0],
  ['one where the handle is missing', bareConnect(() => undefined), 1],
])('makes %s', async (_, connect, sockets) => {
  const server = await listen();
  const made = vi.spyOn(Socket.prototype, 'connect');
  onTestFinished(() => made.mockRestore());
  const { connection, first } = begin(connect, server.port);
  await first;
  connection.end(true);
  expect(made).toHaveBeenCalledTimes(sockets);
});

describe('a Node without the handle', () => {
  it.each([
    ['that names nothing', undefined],
    ['that lacks a class', { TCP: Date, constants: { SOCKET: 0 } }],
    ['that lacks a method', { TCP: Date, TCPConnectWrap: Date, constants: { SOCKET: 0 } }],
  ])('connects all the same: one %s', async (_, binding) => {
    const server = await listen();
    const { connection, first } = begin(
      bareConnect(() => binding),
      server.port,
    );
    expect(await first).toBe('connected');
    connection.end(true);
  });
});
