import { afterEach, describe, expect, it } from 'vitest';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { aVerdict } from '#monitor/testing/fake-monitor-view.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';

const NOW = new Date('2026-03-09T12:00:00').getTime();
const AGENT: ServerEntry = {
  ...{ name: 's1', url: 'http://10.0.0.1:7401', state: 'up', since: 1000, warmUpLeftMs: null, isAgent: true },
  ...{ address: '10.0.0.1:7401', lagSeconds: 0, disk: { freeBytes: 1024, totalBytes: 2048 }, images: 7 },
  backlog: { pending: 0, inflight: 0, failed: 0, parked: 0, dead: 0 },
  ...{ unencrypted: false, cause: null, reseed: null },
};
const WATCHED: ServerEntry = {
  ...AGENT,
  ...{ name: '10.0.0.9:42424', url: 'tcp://10.0.0.9:42424', address: '10.0.0.9:42424', isAgent: false },
  ...{ lagSeconds: null, disk: null, images: null, backlog: null },
};

describe('the commands about watched servers', () => {
  let stub: StubServer | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  async function ask(
    args: readonly string[],
    answer: object,
    options: { readonly language?: 'en' | 'zh'; readonly status?: number } = {},
  ): Promise<CliResult & { readonly bodies: readonly string[] }> {
    const bodies: string[] = [];
    stub = await startStubServer(async (request, response) => {
      bodies.push((await readBody(request)).toString());
      answerJson(response, options.status ?? 200, answer);
    });
    const { language = 'en' } = options;
    const result = await runCli([...args, '--server', stub.url, '--key', 'k'], { language, now: () => NOW });
    return { ...result, bodies };
  }

  describe('status', () => {
    const servers = [
      AGENT,
      { ...AGENT, name: 's2', state: 'warming', warmUpLeftMs: 6200 },
      { ...AGENT, name: 's3', state: 'maintenance' },
      { ...WATCHED, state: 'unknown', cause: { code: 'PEER_TIMEOUT', message: 'nothing came back' } },
    ];

    it('shows how long a warm-up takes, maintenance, why a state is unknown, and nothing that a server cannot have', async () => {
      const { code, out } = await ask(['status'], { servers, silent: [] });
      expect(code).toBe(0);
      expect(out).toMatch(/^s2 +warming up, 6\.2 s left +7 +0 +0\.0 s /m);
      expect(out).toMatch(/^s3 +maintenance /m);
      expect(out).toMatch(/^10\.0\.0\.9:42424 +unknown +– +– +– +– +10\.0\.0\.9:42424$/m);
      expect(out).toContain('10.0.0.9:42424: The server did not answer in time [PEER_TIMEOUT] nothing came back');
      expect(out).not.toContain('All 4 servers');
    });

    it('says the same in Chinese', async () => {
      const { out } = await ask(['status'], { servers, silent: [] }, { language: 'zh' });
      expect(out).toMatch(/s2 +预热期，还需 6\.2 s/);
      expect(out).toMatch(/s3 +维护中/);
    });

    it('counts watched servers among those that are up', async () => {
      const { out } = await ask(['status'], { servers: [AGENT, WATCHED], silent: [] });
      expect(out).toContain('All 2 servers are up; no copy is waiting. 7 images.');
    });

    it('reads the answer of an agent that is older', async () => {
      const { since, warmUpLeftMs, isAgent, address, ...older } = AGENT;
      expect([since, warmUpLeftMs, isAgent, address]).toHaveLength(4);
      const { code, out } = await ask(['status', '--json'], { servers: [older], silent: [] });
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        servers: [{ since: null, warmUpLeftMs: null, isAgent: true, address: null }],
      });
    });
  });

  describe('why', () => {
    const at = NOW - 61_000;
    const verdict = aVerdict({
      ...{ server: 's2', state: 'down', rule: 'witnesses-miss-it', reachability: 'unreachable', sinceAt: at },
      ...{ failuresInRow: 3, successesInRow: 0, votes: { reached: 1, unreached: 2, at } },
      probes: [
        { at: at - 2000, observation: { kind: 'success', latencyMs: 1.25 } },
        { at, observation: { kind: 'silence', cause: { code: 'PEER_TIMEOUT', message: 'nothing came back' } } },
      ],
    });

    it('tells state, rule, votes, what comes next, the probes and the settings', async () => {
      const { code, out } = await ask(['why', '[::1]:80'], verdict);
      expect(code).toBe(0);
      expect(stub?.requests).toEqual(['GET /api/v1/servers/%5B%3A%3A1%5D%3A80/why']);
      expect(out.split('\n')).toEqual([
        's2 is down, since 11:58:59.',
        'It is silent here, and most of the others that answered do not reach it either.',
        'Others were asked at 11:58:59: 1 reach it, 2 do not.',
        'Next: its first answer begins the warm-up; up 10 s later at the earliest.',
        '',
        'probe at  result      time  cause',
        '11:58:57  answered  1.3 ms',
        '11:58:59  silent            The server did not answer in time [PEER_TIMEOUT] nothing came back',
        '',
        'Settings: interval 2.0 s, in doubt 0.4 s, timeout 1.0 s, fall 3, rise 2, warm-up 10 s',
      ]);
    });

    it('says the same in Chinese', async () => {
      const { out } = await ask(['why', 's2'], verdict, { language: 'zh' });
      expect(out.split('\n').slice(0, 4)).toEqual([
        's2：离线，自 11:58:59 起。',
        '它对本机没有应答，多数作出回答的其他节点也连不通它。',
        '11:58:59 询问了其他节点：1 个能连通，2 个不能。',
        '接下来：第一次应答后开始预热，最早 10 s 后在线。',
      ]);
    });

    it('hands machines the verdict as it is', async () => {
      const { out, err } = await ask(['why', 's2', '--json'], verdict);
      expect(JSON.parse(out)).toEqual(verdict);
      expect(err).toBe('');
    });

    it('says that nobody watches a server of this name, and ends with 1', async () => {
      const error = { code: 'SERVER_UNKNOWN', message: 'No server called s9 is watched here.' };
      const { code, err } = await ask(['why', 's9'], error, { status: 404 });
      expect(code).toBe(1);
      expect(err).toContain('No server has this name [SERVER_UNKNOWN]');
      expect((await runCli(['why'])).code).toBe(2);
    });
  });

  describe('maintenance', () => {
    it('tells every agent, and says what the server is now', async () => {
      const { code, out, bodies } = await ask(['maintenance', 's2', 'on'], {
        name: 's2',
        state: 'maintenance',
        silent: [],
      });
      expect([code, out]).toEqual([0, 's2: maintenance']);
      expect(stub?.requests).toEqual(['PUT /api/v1/servers/s2/maintenance']);
      expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([{ on: true, scope: 'fleet' }]);
    });

    it('names agents that could not be told, and ends with 1', async () => {
      const answer = { name: 's2', state: 'warming', silent: ['s3'] };
      const { code, out, err } = await ask(['maintenance', 's2', 'off'], answer, { language: 'zh' });
      expect([code, out, err]).toEqual([1, 's2：预热期', '以下节点没有应答，未能通知：s3']);
    });

    it('tells one agent alone where that is asked for', async () => {
      const answer = { name: 's2', state: 'unknown', silent: [] };
      const { bodies, out } = await ask(['maintenance', 's2', 'off', '--scope', 'server', '--json'], answer);
      expect(JSON.parse(bodies[0] ?? '')).toEqual({ on: false, scope: 'server' });
      expect(JSON.parse(out)).toEqual(answer);
    });

    it.each([[['s2', 'maybe']], [['s2']], [['s2', 'on', '--scope', 'world']]])(
      'refuses %j as wrong usage, without asking anybody',
      async (args) => {
        expect((await ask(['maintenance', ...args], {})).code).toBe(2);
        expect(stub?.requests).toEqual([]);
      },
    );
  });
});
