import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { answerJson, readBody, startStubServer, type StubServer } from '@imagefleet/shared/testing/stub-server.ts';
import { writeFleetFile } from './fleet-file.ts';
import { runCli, type CliResult } from './testing/run-cli.ts';

const BACKLOG = { pending: 0, inflight: 0, failed: 0, parked: 0, dead: 0 };
const UP = {
  name: 's1',
  url: 'http://10.0.0.1:7401',
  state: 'up',
  lagSeconds: null,
  backlog: BACKLOG,
  disk: { freeBytes: 1024 ** 3, totalBytes: 4 * 1024 ** 3 },
  images: 1_204_331,
  unencrypted: false,
  cause: null,
  reseed: null,
  ...{ since: 1000, warmUpLeftMs: null, isAgent: true, address: '10.0.0.1:7401' },
};
const DOWN = {
  ...UP,
  name: 's3',
  state: 'down',
  lagSeconds: 200,
  backlog: { ...BACKLOG, parked: 412 },
  disk: null,
  images: null,
  cause: { code: 'PEER_UNREACHABLE', message: 'connection refused' },
};
const GROUP = {
  source: 's1',
  server: 's3',
  state: 'parked',
  code: 'PEER_DOWN',
  message: 'connection refused',
  count: 412,
  bytes: 1536,
  oldestQueuedAt: 0,
};

describe('the commands that ask a running agent', () => {
  let stub: StubServer | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  /** One answer for each path, the last one for all further calls. */
  async function ask(
    args: readonly string[],
    answers: Readonly<Record<string, readonly object[]>>,
    options: Parameters<typeof runCli>[1] = {},
  ): Promise<CliResult & { readonly bodies: readonly unknown[] }> {
    const bodies: unknown[] = [];
    const calls = new Map<string, number>();
    const server = await startStubServer(async (request, response) => {
      const body = (await readBody(request)).toString();
      if (body !== '') bodies.push(JSON.parse(body));
      const path = new URL(request.url ?? '', 'http://x').pathname.replace('/api/v1', '');
      const call = calls.get(path) ?? 0;
      calls.set(path, call + 1);
      const list = answers[path] ?? [];
      answerJson(response, path === '/deliveries/replay' ? 202 : 200, list[Math.min(call, list.length - 1)]);
    });
    stub = server;
    return { ...(await runCli([...args, '--server', server.url, '--key', 'secret-key'], options)), bodies };
  }

  describe('status', () => {
    it('shows every server in one look and says that all is well', async () => {
      const result = await ask(['status'], { '/servers': [{ servers: [UP], silent: [] }] });
      expect(result.code).toBe(0);
      expect(result.out).toMatch(/s1 +up +1,204,331 +0 +– +1\.0 GB free of 4\.0 GB/);
      expect(result.out).toContain('All 1 servers are up');
      expect(stub?.requests).toEqual(['GET /api/v1/servers?scope=fleet']);
    });

    it('tells which server is down, why, and how much waits, and ends with 1', async () => {
      const result = await ask(['status'], { '/servers': [{ servers: [UP, DOWN], silent: ['s2'] }] });
      expect(result.code).toBe(1);
      expect(result.out).toMatch(/s3 +down +\? +412 +3 min 20 s +\?/);
      expect(result.out).toContain('s3: The server cannot be reached [PEER_UNREACHABLE]');
      expect(result.out).toContain('No answer from: s2');
      expect(result.out).toContain('412 copies wait');
    });

    it('tells how far a server is that fills itself again', async () => {
      const reseed = { total: 1000, done: 250, bytesDone: 5_242_880, etaSeconds: 200 };
      const answers = () => ({ '/servers': [{ servers: [{ ...UP, reseed }], silent: [] }] });
      const english = await ask(['status'], answers());
      expect(english.out).toContain(
        's1 fills itself again: 250 of 1,000 images are there (25 %), 5.0 MB fetched, about 3 min 20 s left',
      );
      expect(english.out).not.toContain('All 1 servers are up');
      const chinese = await ask(['status'], answers(), { language: 'zh' });
      expect(chinese.out).toContain('s1 正在补齐图片：已有 250，共 1,000（25 %），已取回 5.0 MB，约需 3 min 20 s');
      const unknown = { ...reseed, etaSeconds: null };
      const early = await ask(['status'], { '/servers': [{ servers: [{ ...UP, reseed: unknown }], silent: [] }] });
      expect(early.out).toContain('5.0 MB fetched');
      expect(early.out).not.toContain('left');
    });

    it('does not say that all is well when nobody knows it', async () => {
      const answer = { servers: [{ ...UP, backlog: null }], silent: ['s2'] };
      const result = await ask(['status'], { '/servers': [answer] });
      expect(result.code).toBe(1);
      expect(result.out).not.toContain('All 1 servers');
    });

    it('speaks Chinese', async () => {
      const answers = { '/servers': [{ servers: [DOWN], silent: [] }] };
      const result = await ask(['status'], answers, { language: 'zh' });
      expect(result.out).toMatch(/服务器 +状态/);
      expect(result.out).toContain('离线');
    });

    it('hands machines the answer as it is', async () => {
      const answer = { servers: [UP], silent: [] };
      const result = await ask(['status', '--json'], { '/servers': [answer] });
      expect(JSON.parse(result.out)).toEqual(answer);
      expect(result.err).toBe('');
    });
  });

  describe('errors', () => {
    it('says that nothing is stuck', async () => {
      const result = await ask(['errors'], { '/deliveries/summary': [{ groups: [], total: 0, silent: [] }] });
      expect(result).toMatchObject({ code: 0, out: 'No copy is stuck.' });
    });

    it('tells for each group what happened and what to do', async () => {
      const flowing = { ...GROUP, state: 'pending', code: null, message: null, count: 3 };
      const dead = { ...GROUP, state: 'dead', code: 'OWN_COPY_MISSING', message: null, count: 1 };
      const answer = { groups: [GROUP, flowing, dead], total: 416, silent: [] };
      const { out } = await ask(['errors'], { '/deliveries/summary': [answer] });
      expect(out).toContain('412 copies (1.5 KB) from s1 to s3: parked');
      expect(out).toContain('The server is down [PEER_DOWN] connection refused');
      expect(out).toContain('→ Nothing to do: the copies go out by themselves');
      expect(out).toContain('→ try them now: imagefleet replay --to s3');
      expect(out).toContain('3 copies are on their way.');
    });

    it('lists rows over several pages, up to the limit', async () => {
      const row = {
        id: 17,
        path: '2014/4/15/a.jpg',
        source: 's1',
        server: 's3',
        state: 'failed',
        attempts: 4,
        nextAttemptAt: null,
        cause: { code: 'PEER_TIMEOUT', message: 'm' },
        sizeBytes: 1,
        firstFailedAt: 0,
      };
      const pages = [
        { deliveries: [row], next: 'c1', silent: [] },
        { deliveries: [{ ...row, id: 18 }], next: 'c2', silent: [] },
      ];
      const { out } = await ask(['errors', '--list', '--limit', '2'], { '/deliveries': pages });
      expect(out).toMatch(
        /17 +2014\/4\/15\/a\.jpg +s1 → s3 +failed +4 +– +The server did not answer in time \[PEER_TIMEOUT\]/,
      );
      expect(out).toMatch(/^18 /m);
      expect(out).toContain('raise --limit');
      expect(stub?.requests.map((line) => new URL(line.split(' ')[1] ?? '', 'http://x').search)).toEqual([
        '?scope=fleet&limit=2',
        '?scope=fleet&limit=1&cursor=c1',
      ]);
    });

    it('shows the failure log of a day', async () => {
      const line = { at: '2026-01-31T14:02:11+08:00', path: 'a.jpg', server: 's3', code: 'PEER_DOWN', message: 'm' };
      const page = { day: '2026-01-31', days: ['2026-01-30', '2026-01-31'], lines: [line], truncated: true };
      const { out } = await ask(['errors', '--day', '2026-01-31'], { '/failure-log': [page] });
      expect(stub?.requests).toEqual(['GET /api/v1/failure-log?day=2026-01-31']);
      expect(out).toContain('Failure log of 2026-01-31: 1 lines');
      expect(out).toContain('2026-01-31T14:02:11+08:00  s3  a.jpg  The server is down [PEER_DOWN] m');
      expect(out).toContain('The log is longer');
      expect(out).toContain('Days with a log: 2026-01-30 2026-01-31');
    });
  });

  describe('replay', () => {
    const answered = { requeued: 2, unreachable: [], silent: [] };

    it('asks for exactly what was selected', async () => {
      const first = await ask(['replay', '--to', 's3', '--cause', 'PEER_TIMEOUT'], {
        '/deliveries/replay': [answered],
      });
      expect(first).toMatchObject({ code: 0, err: '2 copies go out now' });
      expect(first.bodies).toEqual([{ scope: 'fleet', server: 's3', cause: 'PEER_TIMEOUT' }]);
      await stub?.close();
      const second = await ask(['replay', '--id', '17', '18'], { '/deliveries/replay': [answered] });
      expect(second.bodies).toEqual([{ scope: 'server', ids: [17, 18] }]);
      await stub?.close();
      const third = await ask(['replay', '--to', 's3', '--cause', 'none'], { '/deliveries/replay': [answered] });
      expect(third.bodies).toEqual([{ scope: 'fleet', server: 's3', cause: 'none' }]);
    });

    it('waits until nothing is open', async () => {
      const result = await ask(['replay', '--all', '--wait', '--json'], {
        '/deliveries/replay': [answered],
        '/deliveries/summary': [
          { groups: [GROUP], total: 412, silent: [] },
          { groups: [], total: 0, silent: [] },
        ],
      });
      expect(result.code).toBe(0);
      expect(JSON.parse(result.out)).toEqual({ ...answered, remaining: 0 });
    });

    it('counts by its id what was selected by it', async () => {
      const page = { deliveries: [], next: null, silent: [] };
      const result = await ask(['replay', '--id', '17', '--wait', '--json'], {
        '/deliveries/replay': [answered],
        '/deliveries': [page],
      });
      expect(JSON.parse(result.out)).toEqual({ ...answered, remaining: 0 });
      expect(stub?.requests[0]).toContain('ids=17');
    });

    it('ends with 1 when a server is still not there', async () => {
      const result = await ask(['replay', '--all'], { '/deliveries/replay': [{ ...answered, unreachable: ['s3'] }] });
      expect(result.code).toBe(1);
      expect(result.err).toContain('still not reachable, their copies stay parked: s3');
    });

    it.each([[[]], [['--cause', 'NO_SUCH_CODE']], [['--id', 'x']], [['--all', '--scope', 'world']]])(
      'refuses %j as wrong usage, without asking anybody',
      async (args) => {
        expect((await ask(['replay', ...args], {})).code).toBe(2);
        expect(stub?.requests).toEqual([]);
      },
    );
  });

  describe('address and key', () => {
    it('asks the next server when the first is not there', async () => {
      const closed = await startStubServer(() => undefined);
      await closed.close();
      const answers = { '/servers': [{ servers: [UP], silent: [] }] };
      expect(await ask(['status', '--server', closed.url], answers)).toMatchObject({ code: 0 });
    });

    it('takes both from the environment', async () => {
      let authorization: string | undefined;
      stub = await startStubServer((request, response) => {
        authorization = request.headers.authorization;
        answerJson(response, 200, { servers: [UP], silent: [] });
      });
      const env = { IMAGEFLEET_SERVER: `${stub.url}/`, IMAGEFLEET_KEY: 'from-env' };
      expect(await runCli(['status'], { env })).toMatchObject({ code: 0 });
      expect(authorization).toBe('Bearer from-env');
    });

    it('takes the key of the local fleet and says so, but never sends it elsewhere', async () => {
      const dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
      await mkdir(join(dir, 'data'));
      await writeFleetFile(join(dir, 'data'), { version: 1, key: 'local-key', servers: [] });
      const keys: (string | undefined)[] = [];
      stub = await startStubServer((request, response) => {
        keys.push(request.headers.authorization);
        answerJson(response, 200, { servers: [UP], silent: [] });
      });
      const result = await runCli(['status', '--server', stub.url], { cwd: dir });
      expect(result.err).toBe('using the key of the local fleet (data/fleet.json)');
      expect(result.out + result.err).not.toContain('local-key');
      // A name of this machine that is not loopback stands for any other server.
      await runCli(['status', '--server', 'http://images.invalid:1'], { cwd: dir });
      expect(keys).toEqual(['Bearer local-key']);
      await rm(dir, { recursive: true });
    });

    it.each(['127.0.0.1:7401', 'ftp://a', 'http://a/path', 'http://a?x=1'])(
      'refuses the address %s',
      async (server) => {
        const result = await runCli(['status', '--server', server]);
        expect(result.code).toBe(2);
        expect(result.err).toContain(server);
      },
    );

    it('gives machines an error as JSON', async () => {
      const closed = await startStubServer(() => undefined);
      await closed.close();
      const result = await runCli(['status', '--server', closed.url, '--json']);
      expect(result).toMatchObject({ code: 1, err: '' });
      expect(JSON.parse(result.out)).toMatchObject({ error: { code: 'PEER_UNREACHABLE' } });
    });
  });
});
