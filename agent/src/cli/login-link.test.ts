import { afterEach, expect, it } from 'vitest';
import {
  answerJson,
  startStubServer,
  type StubHandler,
  type StubServer,
} from '@imagefleet/shared/testing/stub-server.ts';
import { loginLinkOf } from './login-link.ts';

let stub: StubServer | undefined;
afterEach(() => stub?.close());

async function ask(handler: StubHandler, timeoutMs?: number) {
  stub = await startStubServer(handler);
  const { signal } = new AbortController();
  const access = { server: stub.url, key: 'secret-key', signal };
  return loginLinkOf(timeoutMs === undefined ? access : { ...access, timeoutMs });
}

it('is what the server made for the key', async () => {
  const link = { url: 'http://127.0.0.1:7401/console#token=t', expiresAt: 1 };
  expect(await ask((_, response) => answerJson(response, 201, link))).toEqual(link);
  expect(stub?.requests).toEqual(['POST /api/v1/session/links']);
});

it('is not waited for when the server does not answer in time: the fleet is ready without it', async () => {
  const begun = performance.now();
  expect(await ask(() => undefined, 100)).toBeUndefined();
  expect(stub?.requests).toHaveLength(1);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(90);
});

it('is none where the server refuses, or answers something else', async () => {
  expect(await ask((_, response) => answerJson(response, 401, { code: 'KEY_WRONG', message: 'm' }))).toBeUndefined();
  await stub?.close();
  expect(await ask((_, response) => answerJson(response, 201, { hello: 'world' }))).toBeUndefined();
});
