import { request as httpRequest, type ClientRequest } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { startStubServer, type StubServer } from '../testing/stub-server.ts';
import { drain, type DrainLimits } from './request-drain.ts';

let stub: StubServer | undefined;
let client: ClientRequest | undefined;

afterEach(async () => {
  client?.destroy();
  await stub?.close();
});

/** Whether a body comes to its end within the limits; `isWhole: false` holds its last byte back. */
async function drained(body: { readonly sizeBytes: number; readonly isWhole: boolean }, limits: DrainLimits) {
  const ended = Promise.withResolvers<boolean>();
  stub = await startStubServer((request, response) => {
    void drain(request, limits).then((isOver) => {
      ended.resolve(isOver);
      response.end();
    });
  });
  client = httpRequest(stub.url, { method: 'POST', headers: { 'content-length': body.sizeBytes } });
  client.on('error', () => undefined);
  const bytes = Buffer.alloc(body.isWhole ? body.sizeBytes : body.sizeBytes - 1);
  if (body.isWhole) client.end(bytes);
  else client.write(bytes);
  return ended.promise;
}

it('takes a body to its end', async () => {
  expect(await drained({ sizeBytes: 300_000, isWhole: true }, { maxBytes: 300_000, maxMs: 60_000 })).toBe(true);
});

it('stops at a number of bytes', async () => {
  expect(await drained({ sizeBytes: 300_000, isWhole: false }, { maxBytes: 299_998, maxMs: 60_000 })).toBe(false);
});

it('stops after a time', async () => {
  expect(await drained({ sizeBytes: 300_000, isWhole: false }, { maxBytes: 1_000_000, maxMs: 20 })).toBe(false);
});
