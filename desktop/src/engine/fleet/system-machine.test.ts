import { afterEach, expect, it } from 'vitest';
import { Prober } from '@imagefleet/shared/node/probe/prober.ts';
import { startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { livenessOf, systemMachine } from './system-machine.ts';

const prober = new Prober();
let stub: StubServer | undefined;
afterEach(() => stub?.close());

it.each([200, 404, 503])('takes an answer of %i for somebody who is there', async (status) => {
  stub = await startStubServer((_, response) => void response.writeHead(status).end());
  expect(await livenessOf(prober)(`${stub.url}/base/`)).toBe(true);
  expect(stub.requests).toEqual(['GET /base/health/live']);
});

it('takes one that accepts and says nothing, one that refuses, and what is no address for nobody', async () => {
  stub = await startStubServer(() => undefined);
  const { url } = stub;
  expect(await livenessOf(prober)(url)).toBe(false);
  expect(await livenessOf(prober)('nonsense')).toBe(false);
  await stub.close();
  stub = undefined;
  expect(await livenessOf(prober)(url)).toBe(false);
  const { port } = new URL(url);
  const seen = await systemMachine(prober).connect({ host: '127.0.0.1', port: Number(port) });
  expect(seen).toMatchObject({ kind: 'failure', cause: { code: 'PROBE_REFUSED' } });
});

it('knows itself', async () => {
  const own = await systemMachine(prober).ownHosts(['127.0.0.1', '192.0.2.1']);
  expect([...own]).toEqual(['127.0.0.1']);
});
