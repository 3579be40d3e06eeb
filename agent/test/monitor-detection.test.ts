import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './support/agent-process.ts';
import { IS_FULL_RUN } from './support/durability-run.ts';
import { MonitorProcess } from './support/monitor-process.ts';
import { StatusWatch } from './support/status-watch.ts';
import { Targets } from './support/targets.ts';
import { ThreeHosts, threeHostsObstacle } from '@imagefleet/shared/testing/three-hosts.ts';

/** The promise, from the fault to the status file, at the default settings. */
const REFUSED_WITHIN_MS = 3000;
const SILENT_WITHIN_MS = 6000;
/** From the decision to the disk. */
const WRITTEN_WITHIN_MS = 100;
/** File systems take the time from a clock that ticks every few milliseconds. */
const CLOCK_GRAIN_MS = 20;
/** A short run shares its machine with everything else that is tested: it finds what is broken, not what is late. */
const SLACK_MS = IS_FULL_RUN ? 0 : 1500;
const ROUNDS = IS_FULL_RUN ? 3 : 1;
const LIMIT_MS = 120_000 * ROUNDS;
/** Faults come at any moment of a probe's interval. */
const SPREAD_MS = 2000;
const LOOK_MS = 25;

const PORTS = Array.from({ length: 50 }, (_, index) => 9001 + index);
/** Half of the servers die, and of half of them the packets are lost; a few answer HTTP, and stop. */
const DYING = PORTS.filter((_, index) => index % 2 === 0);
const LOST = PORTS.filter((_, index) => index % 2 === 1).slice(0, 20);
const STOPPED = PORTS.filter((port) => !DYING.includes(port) && !LOST.includes(port));

const run = promisify(execFile);
const obstacle = threeHostsObstacle();
if (obstacle !== undefined) console.warn(`detection: skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('fifty servers on another host', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let monitor: MonitorProcess;
  let watch: StatusWatch;
  let plain: Targets;
  let http: readonly Targets[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    hosts = await ThreeHosts.make();
    const place = { address: hosts.addressOf(2), before: hosts.on(2) };
    plain = await Targets.start({ ...place, kind: 'tcp', ports: [...DYING, ...LOST] });
    http = await Promise.all(STOPPED.map((port) => Targets.start({ ...place, kind: 'http', ports: [port] })));
    await run('ip', [...hosts.on(2).slice(1), 'nft', 'add table inet loss']);
    const chain = 'add chain inet loss input { type filter hook input priority 0; }';
    await run('ip', [...hosts.on(2).slice(1), 'nft', chain]);
    const addressOf = (port: number): string => `${place.address}:${String(port)}`;
    monitor = new MonitorProcess(join(dir, 'monitor'));
    await monitor.configure({
      servers: [
        ...[...DYING, ...LOST].map(addressOf),
        ...STOPPED.map((port) => ({ address: addressOf(port), http: { path: '/' } })),
      ],
      statusFiles: [{ path: join(dir, 'status.json'), format: 'json' }],
    });
    await monitor.start(hosts.on(1));
    watch = new StatusWatch(join(dir, 'status.json'));
    watch.start();
  });

  afterEach(async () => {
    await watch.stop();
    await monitor.stop();
    await Promise.all([plain, ...http].map((targets) => targets.stop()));
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  function nft(command: string): Promise<unknown> {
    return run('ip', [...hosts.on(2).slice(1), 'nft', command]);
  }

  /** When a server came or went last, by the monitor's log; epoch milliseconds. */
  async function lastDecisionAt(): Promise<number> {
    const lines = (await monitor.log()).split('\n').filter((line) => line.includes('"server.transition"'));
    const decisions = lines.map((line) => JSON.parse(line) as { readonly to: string; readonly at: number });
    return decisions.findLast(({ to }) => to === 'up' || to === 'down')?.at ?? 0;
  }

  /** Makes a fault at a random moment and answers how long the status file took to say so. */
  async function detect(port: number, fault: () => Promise<unknown>): Promise<number> {
    await delay(Math.random() * SPREAD_MS);
    await fault();
    const faultAt = performance.now();
    const deadline = faultAt + 3 * SILENT_WITHIN_MS;
    while (watch.isOnline(port) === true && performance.now() < deadline) await delay(LOOK_MS);
    const offlineAt = watch.offlineSince(port);
    expect(offlineAt, `${String(port)} is not offline`).toBeDefined();
    return (offlineAt ?? 0) - faultAt;
  }

  it(
    'that die, or of which no packet comes back, are offline in the status file in time, all at once and again',
    async () => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        await eventually('all online', 60_000, async () => watch.onlineCount === PORTS.length);
        const { mtimeMs } = await stat(join(dir, 'status.json'));
        await delay(2 * SPREAD_MS);
        expect((await stat(join(dir, 'status.json'))).mtimeMs, 'nothing happened').toBe(mtimeMs);

        const [refused, lost, stopped] = await Promise.all([
          Promise.all(DYING.map((port) => detect(port, () => plain.close(port)))),
          Promise.all(
            LOST.map((port) => detect(port, () => nft(`add rule inet loss input tcp dport ${String(port)} drop`))),
          ),
          Promise.all(STOPPED.map((port, index) => detect(port, async () => http[index]?.freeze()))),
        ]);
        const worst = [refused, lost, stopped].map((times) => Math.round(Math.max(...times)));
        console.log(`detection, round ${String(round)}: refused, lost, stopped at most ${worst.join(', ')} ms`);
        expect(Math.max(...refused)).toBeLessThan(REFUSED_WITHIN_MS + SLACK_MS);
        expect(Math.max(...lost, ...stopped)).toBeLessThan(SILENT_WITHIN_MS + SLACK_MS);

        await nft('flush chain inet loss input');
        for (const targets of http) targets.thaw();
        await Promise.all(DYING.map((port) => plain.open(port)));
      }
      // What was decided last lies on the disk soon after.
      const decidedAt = await lastDecisionAt();
      const { mtimeMs: writtenAt } = await stat(join(dir, 'status.json'));
      expect(writtenAt - decidedAt).toBeLessThan(WRITTEN_WITHIN_MS + SLACK_MS);
      expect(writtenAt - decidedAt).toBeGreaterThan(-CLOCK_GRAIN_MS);
      // Generations count changes, and never go back.
      expect(watch.generations).toEqual([...watch.generations].sort((a, b) => a - b));
    },
    LIMIT_MS,
  );
});
