import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import { reachCalls } from '#replication/reach-call.ts';
import { TestFleet } from '#replication/testing/test-fleet.ts';
import type { TestServer } from '#replication/testing/test-server.ts';
import { monitorSelf, WitnessModule } from './compose-witnesses.ts';

const TARGET = { name: 's9', host: '127.0.0.1', port: 9 };
const fleet = new TestFleet();

afterEach(() => fleet.stop());

/** An agent that says the same of every server. */
async function agent(name: string, answers: readonly ReachAnswer[]): Promise<TestServer> {
  const server = await fleet.server({ name, calls: reachCalls(() => Promise.resolve(answers)) });
  await server.openCatalog([]);
  return server;
}

function monitorWith(...agents: readonly { name: string; url: string; key: string }[]): WitnessModule {
  const module = new WitnessModule({
    agents: agents.map(({ name, url, key }) => ({ name, url, securityKey: key })),
    // Real sockets on a machine that may be busy.
    ...{ self: monitorSelf('monitor'), now: Date.now, limitMs: 10_000 },
  });
  onTestFinished(() => module.stop());
  return module;
}

describe('agents that are asked by a monitor which has no agent around it', () => {
  it('vote over the signed peer protocol, each with its own key', async () => {
    const agents = [await agent('s1', ['reached']), await agent('s2', ['unreached']), await agent('s3', ['cannotSay'])];
    const { witnesses } = monitorWith(...agents);
    expect(witnesses.count).toBe(3);
    expect(await witnesses.ask(TARGET, AbortSignal.timeout(10_000))).toEqual({ reached: 1, unreached: 1 });
    for (const { requests } of agents) expect(requests).toEqual(['/peer/v1/reach']);
  });

  it('have no vote when they are of a version without the question, have another key, or answer in another form', async () => {
    const old = await fleet.server({ name: 's1' });
    await old.openCatalog([]);
    const other = { name: 's2', url: (await agent('s2', ['reached'])).url, key: 'not the key' };
    const odd = await agent('s3', ['reached', 'reached']);
    const gone = { name: 's4', url: 'http://127.0.0.1:1', key: 'k' };
    const { witnesses } = monitorWith(old, other, odd, gone, await agent('s5', ['unreached']));
    expect(await witnesses.ask(TARGET, AbortSignal.timeout(10_000))).toEqual({ reached: 0, unreached: 1 });
    expect(old.requests).toEqual(['/peer/v1/reach']);
  });
});
