import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { QueueCounts } from '../queue/queue-item.ts';
import type { UploadQueueStore } from '../queue/upload-queue-store.ts';
import { FirstHealthyTarget } from '../target/first-healthy-target.ts';
import { Paces } from '../upload/pace.ts';
import { ServerLimits } from '../upload/request-plan.ts';
import { UploadEngine } from '../upload-engine.ts';
import type { FakeFleet } from './fake-fleet.ts';

export const SERVERS = ['http://s1', 'http://s2'];

export interface MadeEngine {
  readonly engine: UploadEngine;
  readonly target: FirstHealthyTarget;
  /** How often it said that something has changed. */
  readonly changes: { count: number };
}

/** An engine on a queue and a fleet that is none; paused when the test ends. Without `faults` a fault fails the test. */
export function engineOn(store: UploadQueueStore, fleet: FakeFleet, faults?: unknown[]): MadeEngine {
  const now = (): number => Date.now();
  const target = new FirstHealthyTarget({ servers: SERVERS, machineKey: 'this', now, random: () => 0 });
  const changes = { count: 0 };
  const engine = new UploadEngine({
    ...{ store, now, hash: fleet.hash, lookup: fleet.lookup, sender: fleet.sender, uuid: randomUUID, target },
    ...{ paces: new Paces({ now }), limits: new ServerLimits(), random: () => 0 },
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onChanged: () => (changes.count += 1),
    onFault: (error) => {
      if (faults === undefined) throw error;
      faults.push(error);
    },
  });
  onTestFinished(() => engine.pause());
  return { engine, target, changes };
}

/** Files in each state that has any. */
export function filesOf(counts: QueueCounts): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([state, { files }]) => (files === 0 ? [] : [[state, files]])),
  );
}
