import { once } from 'node:events';
import { connect } from 'node:net';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { HttpServer } from './server.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

function server(listener: RequestListener, stopLimitMs = 2000): HttpServer {
  return new HttpServer({ listener, logger: silentLogger, stopLimitMs });
}

describe('the listener', () => {
  it('says plainly that an address is taken', async () => {
    const first = server((_, response) => response.end());
    const { port } = await first.start(LOOPBACK);
    await expect(server(() => undefined).start({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `Cannot listen on 127.0.0.1:${String(port)}: EADDRINUSE.`,
      hint: expect.stringContaining('"listen"') as string,
    });
    await first.stop();
  });

  it('says of an address that is none of this machine that it is to be corrected', async () => {
    // TEST-NET-1 (RFC 5737).
    await expect(server(() => undefined).start({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'CFG_INVALID',
      message: 'Cannot listen on 192.0.2.1:0: EADDRNOTAVAIL.',
      hint: expect.stringContaining('"listen"') as string,
    });
  });

  it('lets a running request finish when it stops, and takes no new one', async () => {
    const finish = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const running = server((_, response) => {
      begun.resolve(undefined);
      void finish.promise.then(() => response.end('whole'));
    });
    const { port } = await running.start(LOOPBACK);
    const answer = fetch(`http://127.0.0.1:${String(port)}/`);
    await begun.promise;
    const stopped = running.stop();
    await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow();
    finish.resolve(undefined);
    expect(await (await answer).text()).toBe('whole');
    await stopped;
  });

  it('cuts a request that does not end within the limit', async () => {
    const begun = Promise.withResolvers<undefined>();
    const running = server(() => {
      begun.resolve(undefined);
    }, 20);
    const { port } = await running.start(LOOPBACK);
    const answer = fetch(`http://127.0.0.1:${String(port)}/`).catch((error: unknown) => error);
    await begun.promise;
    await running.stop();
    expect(await answer).toBeInstanceOf(Error);
  });

  it('waits for its own work however long it is silent, and cuts a client that stops in the middle', async () => {
    const running = new HttpServer({
      ...{ logger: silentLogger, idleTimeoutMs: 15 },
      listener: (request, response) => {
        request.resume().once('end', () => setTimeout(() => response.end('late'), 60));
      },
    });
    const { port } = await running.start(LOOPBACK);
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/`, { method: 'POST', body: 'whole' })).text()).toBe(
      'late',
    );
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await once(socket, 'close');
    await running.stop();
  });

  it('does not wait for idle connections, and stops twice without harm', async () => {
    const running = server((_, response) => response.end());
    const { port } = await running.start(LOOPBACK);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    await running.stop();
    await running.stop();
    socket.destroy();
  });
});
