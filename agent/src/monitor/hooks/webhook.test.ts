import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { readBody, startStubServer, type StubHandler } from '@imagefleet/shared/testing/stub-server.ts';
import { eventOf } from '../testing/hook-builders.ts';
import { signatureOf, Webhook, type WebhookOptions } from './webhook.ts';

const NEVER = new AbortController().signal;

interface Received {
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** An endpoint that answers with these statuses in turn, the last of them for ever. */
async function endpoint(
  ...statuses: readonly number[]
): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const handler: StubHandler = async (request, response) => {
    received.push({ body: (await readBody(request)).toString(), headers: request.headers });
    response.writeHead(statuses[received.length - 1] ?? statuses.at(-1) ?? 200).end('thank you');
  };
  const server = await startStubServer(handler);
  onTestFinished(() => server.close());
  return { url: `${server.url}/hook?token=hidden`, received };
}

/** Backoffs are drawn by lot: with 0 nobody waits. */
function webhook(options: Pick<WebhookOptions, 'url'> & Partial<WebhookOptions>): Webhook {
  return new Webhook({ secret: null, timeoutMs: 5000, random: () => 0, ...options });
}

it('posts the event as JSON, signed with the secret', async () => {
  const { url, received } = await endpoint(204);
  expect(await webhook({ url, secret: 'of both' }).run(eventOf('down'), NEVER)).toEqual({
    ...{ output: '', failure: null, isFinal: true },
  });
  const [{ body, headers } = { body: '', headers: {} }] = received;
  expect(JSON.parse(body)).toMatchObject({ event: 'down', server: 's1', host: '10.1.2.1' });
  expect(headers['x-imagefleet-signature']).toBe(signatureOf(body, 'of both'));
  expect(headers['content-type']).toContain('application/json');
});

it('signs as its documentation says', () => {
  // printf '{}' | openssl dgst -sha256 -hmac key
  expect(signatureOf('{}', 'key')).toBe('sha256=a777724d943eb48dc69bca8a4a6d57a04db3f9ec7e1de4e581e860265bdf3032');
});

it.each([500, 503, 429, 408])('tries again what may pass (%i), as the same delivery', async (status) => {
  const { url, received } = await endpoint(status, status, 200);
  expect((await webhook({ url }).run(eventOf('down'), NEVER)).failure).toBeNull();
  expect(received).toHaveLength(3);
  expect(new Set(received.map(({ headers }) => headers['x-imagefleet-delivery'])).size).toBe(1);
  expect(received[0]?.headers['x-imagefleet-signature']).toBeUndefined();
});

it('gives up after a few attempts', async () => {
  const { url, received } = await endpoint(500);
  const { failure, output } = await webhook({ url }).run(eventOf('down'), NEVER);
  expect(failure).toMatchObject({ code: 'HOOK_FAILED', message: expect.stringContaining('it answered 500') as string });
  expect(output).toBe('thank you');
  expect(received).toHaveLength(4);
});

it.each([400, 401, 404, 302])('does not repeat what is refused (%i)', async (status) => {
  const { url, received } = await endpoint(status);
  expect((await webhook({ url }).run(eventOf('down'), NEVER)).failure).toMatchObject({ code: 'HOOK_FAILED' });
  expect(received).toHaveLength(1);
});

it('has a deadline for an endpoint that never answers, and tries again', async () => {
  let connections = 0;
  const server = createServer(() => (connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  const { failure } = await webhook({ url, timeoutMs: 50 }).run(eventOf('down'), NEVER);
  expect(failure).toMatchObject({ code: 'HOOK_TIMEOUT', message: expect.stringContaining('within 50 ms') as string });
  expect(connections).toBe(4);
});

it('tells nobody of the token in its address when nobody listens there', async () => {
  const { failure } = await webhook({ url: 'http://127.0.0.1:1/hook?token=hidden' }).run(eventOf('down'), NEVER);
  expect(failure).toMatchObject({ code: 'HOOK_FAILED', message: '127.0.0.1:1 failed: ECONNREFUSED' });
  expect(JSON.stringify(failure?.cause ?? null)).not.toContain('hidden');
});

it('ends at once when the monitor stops, also between attempts', async () => {
  const stop = new AbortController();
  const { url } = await endpoint(500);
  const running = webhook({ url, random: () => 0.99 }).run(eventOf('down'), stop.signal);
  stop.abort();
  expect((await running).failure).toMatchObject({ code: 'HOOK_FAILED' });
});
