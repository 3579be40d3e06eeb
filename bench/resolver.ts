import { hash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { legacyCandidates } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import type { ResolvableServer } from '@imagefleet/shared/common/resolver/resolvable-server.ts';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { resolvableServers } from '@imagefleet/shared/testing/resolvable-servers.ts';
import { sessionId } from '@imagefleet/shared/testing/session-ids.ts';

const USAGE = `npm run bench:resolver -- [options]
Measures how long the resolver takes for a key, beside an MD5 of the same key in the same run, and how evenly both modes
spread session ids of ASP.NET: with all servers up, and after some have gone.
  --keys N     session ids for the shares (200000)
  --rounds N   rounds of 100,000 calls each; the quickest counts (20)`;
const CALLS = 100_000;
const TARGET_NS = 200;
/** At this many servers the target holds. */
const TARGET_COUNT = 5;
const SEED = 7;

type Resolve = (key: string) => readonly ResolvableServer[];

/** Nanoseconds of this thread's own CPU time a call, of the quickest of the rounds: what else runs here counts less. */
function timeCalls(keys: readonly string[], rounds: number, call: (key: string) => unknown): number {
  let quickest = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.threadCpuUsage();
    for (let index = 0; index < CALLS; index += 1) call(keys[index % keys.length] ?? '');
    const { user, system } = process.threadCpuUsage(before);
    quickest = Math.min(quickest, ((user + system) * 1000) / CALLS);
  }
  return quickest;
}

function measureTimes(keys: readonly string[], rounds: number): boolean {
  const some = keys.slice(0, 4096);
  const yardstick = timeCalls(some, rounds, (key) => hash('md5', key));
  console.log(`MD5 of a key: ${yardstick.toFixed(0)} ns`);
  let isQuick = true;
  const report = (name: string, count: number, nanoseconds: number): void => {
    const ratio = (nanoseconds / yardstick).toFixed(2);
    console.log(`${name}, ${String(count)} servers: ${nanoseconds.toFixed(0)} ns, ${ratio} of an MD5`);
  };
  for (const count of [3, TARGET_COUNT, 20]) {
    const resolver = createResolver(resolvableServers(count));
    const ordered = timeCalls(some, rounds, (key) => resolver.resolve(key));
    report('all candidates in order', count, ordered);
    report(
      'the first one alone    ',
      count,
      timeCalls(some, rounds, (key) => resolver.first(key)),
    );
    const weighted = createResolver(resolvableServers(count, (index) => ({ weight: 1 + (index % 3) })));
    report(
      'with weights, in order ',
      count,
      timeCalls(some, rounds, (key) => weighted.resolve(key)),
    );
    if (count === TARGET_COUNT) isQuick = ordered < TARGET_NS;
  }
  return isQuick;
}

function homes(keys: readonly string[], resolve: Resolve): readonly string[] {
  return keys.map((key) => resolve(key)[0]?.host ?? '');
}

/** One line: the share of each server that is up, in percent, and how many keys moved that did not have to. */
function shares(keys: readonly string[], count: number, down: readonly number[]): void {
  const servers = resolvableServers(count, (index) => ({ online: !down.includes(index) }));
  const all = resolvableServers(count);
  const names = servers.filter(({ online }) => online).map(({ host }) => host);
  const gone = new Set(down.map((index) => all[index]?.host));
  const modes: readonly (readonly [string, (of: readonly ResolvableServer[]) => Resolve])[] = [
    [
      'rendezvous',
      (of) => {
        const resolver = createResolver(of);
        return (key) => resolver.resolve(key);
      },
    ],
    ['legacy    ', (of) => (key) => legacyCandidates(key, of)],
  ];
  for (const [mode, resolver] of modes) {
    const before = homes(keys, resolver(all));
    const after = homes(keys, resolver(servers));
    const counts = names.map((name) => after.filter((home) => home === name).length);
    const percents = counts.map((each) => ((each / keys.length) * 100).toFixed(1)).join(' ');
    const needless = before.filter((home, index) => !gone.has(home) && home !== after[index]).length;
    const busiest = (Math.max(...counts) * names.length) / keys.length;
    const state = down.length === 0 ? 'all up' : `${String(down.length)} down`;
    console.log(
      `${mode} ${String(count)} servers, ${state}: ${percents} %; busiest ${busiest.toFixed(2)} of the mean; moved needlessly ${String(needless)}`,
    );
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
  } else {
    const random = seededRandom(SEED);
    const keys = Array.from({ length: Number(values.keys) }, () => sessionId(random));
    const isQuick = measureTimes(keys, Number(values.rounds));
    for (const [count, down] of [
      [4, []],
      [5, []],
      [8, []],
      [3, [0]],
      [4, [3]],
      [5, [1, 2]],
    ] as const)
      shares(keys, count, down);
    if (!isQuick) {
      console.log(`slower than the target of ${String(TARGET_NS)} ns with ${String(TARGET_COUNT)} servers`);
      process.exitCode = 1;
    }
  }
}
