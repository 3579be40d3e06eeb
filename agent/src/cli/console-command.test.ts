import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';

const URL = 'http://127.0.0.1:7401/console#token=one-time-token';
const NOW = 1_000_000;

describe('imagefleet console', () => {
  let stub: StubServer | undefined;
  let authorization: string | undefined;
  afterEach(() => stub?.close());

  async function ask(answer: object, status: number, args: readonly string[] = [], language: 'en' | 'zh' = 'en') {
    stub = await startStubServer((request, response) => {
      authorization = request.headers.authorization;
      answerJson(response, status, answer);
    });
    const command = ['console', '--server', stub.url, '--key', 'secret-key', ...args];
    return runCli(command, { language, now: () => NOW });
  }

  it('prints a link alone, and beside it what to do with it', async () => {
    const result: CliResult = await ask({ url: URL, expiresAt: NOW + 299_000 }, 201);
    const err = 'open this in a browser within 5 minutes; it logs in once:';
    expect(result).toEqual({ code: 0, out: URL, err });
    expect(stub?.requests).toEqual(['POST /api/v1/session/links']);
    expect(authorization).toBe('Bearer secret-key');
  });

  it('speaks Chinese', async () => {
    const { out, err } = await ask({ url: URL, expiresAt: NOW + 299_000 }, 201, [], 'zh');
    expect([out, err]).toEqual([URL, '请在 5 分钟内用浏览器打开，只能用一次：']);
  });

  it('hands machines the answer as it is', async () => {
    const link = { url: URL, expiresAt: NOW + 299_000 };
    const result = await ask(link, 201, ['--json']);
    expect([JSON.parse(result.out), result.err]).toEqual([link, '']);
  });

  it('says that nobody has to log in where no key is configured', async () => {
    const { err } = await ask({ url: 'http://127.0.0.1:7401/console', expiresAt: null }, 201);
    expect(err).toContain('no key is configured');
  });

  it('ends with 1 and the reason when the key is wrong', async () => {
    const result = await ask({ code: 'KEY_WRONG', message: 'wrong' }, 401);
    expect(result.code).toBe(1);
    expect(result.err).toContain('KEY_WRONG');
  });

  it('ends with 1 and the reason when the disk of the server fails', async () => {
    const result = await ask({ code: 'IO_FAILED', message: 'A file of the console cannot be read.' }, 500);
    expect(result.code).toBe(1);
    expect(result.err).toContain('The disk failed [IO_FAILED]');
    expect(result.err).toContain('A file of the console cannot be read.');
  });

  it('does not take any other program for an agent', async () => {
    const result = await ask({ hello: 'world' }, 201, ['--json']);
    expect(JSON.parse(result.out)).toMatchObject({ error: { code: 'PEER_ANSWER_INVALID' } });
  });
});
