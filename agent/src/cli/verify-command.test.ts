import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import type { Proof } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { aVerifiedServer, aVerifyReport } from '#services/testing/verify-report.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';

const PROOF: Proof = {
  ...{ document: 'imagefleet proof', version: 1, asOf: '2026-03-09T12:00:00.000Z', madeAt: '2026-03-09T12:01:00.000Z' },
  ...{
    madeBy: 's1',
    result: 'same',
    statement: { en: 'All the same.', zh: '全部相同。' },
    basis: { en: 'b', zh: 'b' },
  },
  servers: [],
};

let stub: StubServer | undefined;

afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

/** Answers in turn, the last one for all further calls. */
async function ask(
  args: readonly string[],
  answers: readonly object[],
  options: Parameters<typeof runCli>[1] = {},
): Promise<CliResult> {
  let call = 0;
  const server = await startStubServer(async (request, response) => {
    await readBody(request);
    answerJson(response, request.method === 'POST' ? 202 : 200, answers[Math.min(call++, answers.length - 1)]);
  });
  stub = server;
  return runCli(['verify', ...args, '--server', server.url, '--key', 'secret-key'], options);
}

it('says in one look that all is equal', async () => {
  const result = await ask([], [aVerifyReport({ records: 1_204_331 })]);
  expect(result.code).toBe(0);
  expect(result.out).toMatch(/s2 +equal +0 +0 +0 +0/);
  expect(result.out).toContain('1,200 own files looked at: all there');
  expect(result.out).toContain('All servers have the same 1,204,331 records. (0.5 s)');
  expect(stub?.requests).toEqual(['POST /api/v1/verify']);
});

it('tells what was pulled, pushed, is on its way and failed, and why, and ends with 1', async () => {
  const failed = [{ path: 'a/b.png', code: 'OWN_COPY_MISSING' as const, message: 's2 has no whole copy' }];
  const servers = [
    aVerifiedServer({ state: 'healed', pulled: 12, pulledBytes: 2048, pushed: 3, pushedBytes: 10, onTheWay: 7 }),
    aVerifiedServer({ server: 's3', state: 'differs', failed, failedCount: 12 }),
    aVerifiedServer({ server: 's4', state: 'silent', cause: { code: 'PEER_UNREACHABLE', message: 'refused' } }),
  ];
  const copies = {
    checked: 9,
    missing: 2,
    restored: 1,
    failed: [{ ...failed[0], path: 'x.png' } as never],
    failedCount: 1,
  };
  const result = await ask([], [aVerifyReport({ servers, copies, isEqual: false })]);
  expect(result.code).toBe(1);
  expect(result.out).toMatch(/s2 +healed +12 \(2\.0 KB\) +3 \(10 B\) +7 +0/);
  expect(result.out).toMatch(/s3 +DIFFERS/);
  expect(result.out).toContain('  a/b.png: The file is gone from its server [OWN_COPY_MISSING] s2 has no whole copy');
  expect(result.out).toContain('… and 11 more');
  expect(result.out).toContain('s4: The server cannot be reached [PEER_UNREACHABLE] refused');
  expect(result.out).toContain('2 were gone or had another size, 1 of them fetched again');
  expect(result.out).toContain('Not all servers have the same');
});

it('speaks Chinese', async () => {
  const result = await ask([], [aVerifyReport()], { language: 'zh' });
  expect(result.out).toContain('一致');
  expect(result.out).toContain('所有服务器的 1,200 条记录一致');
});

it('waits for a long run and prints the whole report as JSON', async () => {
  const running = aVerifyReport({ state: 'running', isEqual: false, finishedAt: null });
  const result = await ask(['--json'], [running, { report: running }, { report: aVerifyReport() }]);
  expect(result.code).toBe(0);
  expect(JSON.parse(result.out)).toEqual(aVerifyReport());
  expect(stub?.requests).toEqual(['POST /api/v1/verify', 'GET /api/v1/verify?id=run-1', 'GET /api/v1/verify?id=run-1']);
});

it('says so when the report was lost with a restart of the server', async () => {
  const result = await ask([], [aVerifyReport({ state: 'running' }), { report: null }]);
  expect(result.code).toBe(1);
  expect(result.err).toContain('started again meanwhile');
});

it('writes a proof to a file or to standard output', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'imagefleet-proof-'));
  const written = await ask(['--proof', 'proof.json', '--as-of', '2026-03-09T20:00:00+08:00'], [PROOF], { cwd });
  expect(written).toMatchObject({ code: 0, out: 'All the same.' });
  expect(JSON.parse(await readFile(join(cwd, 'proof.json'), 'utf8'))).toEqual(PROOF);
  expect(stub?.requests).toEqual(['GET /api/v1/proof?asOf=2026-03-09T12:00:00.000Z']);
  await stub?.close();
  const printed = await ask(['--proof', '-'], [{ ...PROOF, result: 'incomplete' }]);
  expect(printed.code).toBe(1);
  expect(JSON.parse(printed.out)).toMatchObject({ result: 'incomplete' });
  await rm(cwd, { recursive: true });
});

it.each([
  ['a cut-off without a proof', ['--as-of', '2026-03-09']],
  ['a cut-off that is no time', ['--proof', '-', '--as-of', 'yesterday']],
])('refuses %s', async (_name, args) => {
  const result = await runCli(['verify', ...args]);
  expect(result.code).toBe(2);
  expect(result.err).toContain('--as-of needs a time');
});
