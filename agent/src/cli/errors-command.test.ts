import { afterEach, expect, it } from 'vitest';
import { answerJson, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { runCli } from './testing/run-cli.ts';

const PARKED = {
  ...{ source: 's1', server: 's3', state: 'parked', code: 'PEER_DOWN', message: 'connection refused' },
  ...{ count: 412, bytes: 1536, oldestQueuedAt: 0 },
};
const ONLY_BY_REPLAY = '→ s1 tries nothing again by itself (replication.autoRetry: false); when this is mended: ';

let stub: StubServer | undefined;
afterEach(() => stub?.close());

async function errors(groups: readonly object[], language: 'en' | 'zh' = 'en'): Promise<string> {
  await stub?.close();
  stub = await startStubServer((_, response) => {
    answerJson(response, 200, { groups, total: groups.length, silent: [] });
  });
  return (await runCli(['errors', '--server', stub.url, '--key', 'secret-key'], { language })).out;
}

it('promises no retry of a server that does not retry by itself', async () => {
  const manual = { ...PARKED, autoRetry: false };
  const groups = [manual, { ...manual, state: 'failed', code: 'PEER_KEY_WRONG' }, { ...manual, code: null }];
  const english = await errors(groups);
  expect(english).not.toContain('by themselves');
  expect(english).toContain('→ Compare securityKey');
  expect(english.split(`${ONLY_BY_REPLAY}imagefleet replay --to s3`)).toHaveLength(groups.length + 1);
  const chinese = await errors(groups, 'zh');
  expect(chinese).not.toContain('自动补齐');
  expect(chinese).toContain('→ s1 不会自动重试（replication.autoRetry: false）');
});

it('takes an agent that does not tell for one that retries', async () => {
  const out = await errors([PARKED]);
  expect(out).toContain('the copies go out by themselves');
  expect(out).not.toContain('autoRetry');
});
