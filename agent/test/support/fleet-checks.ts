import { expect } from 'vitest';
import type { AgentProcess } from './agent-process.ts';
import { imagesOnDisk, leftInTmp } from './upload.ts';

/** Whether no agent has an open delivery. */
export async function ledgersEmpty(agents: readonly AgentProcess[]): Promise<boolean> {
  for (const agent of agents) if ((await agent.openDeliveries()) > 0) return false;
  return true;
}

/** All folders hold the same files with the same bytes, `count` of them, and nothing is left in any tmp area. */
export async function expectEqualFleet(agents: readonly AgentProcess[], count: number): Promise<Map<string, string>> {
  const [first, ...others] = await Promise.all(agents.map(imagesOnDisk));
  if (first === undefined) throw new Error('an empty fleet proves nothing');
  expect(first.size).toBe(count);
  for (const other of others) expect([...other].sort()).toEqual([...first].sort());
  for (const agent of agents) expect(await leftInTmp(agent)).toEqual([]);
  return first;
}
