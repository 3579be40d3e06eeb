import { openEngineFleet } from '#engine/fleet/open-engine-fleet.ts';

/** What it tells, one line of JSON each. */
export type FollowedLine =
  | { readonly kind: 'state'; readonly state: string; readonly servers: readonly string[] }
  | { readonly kind: 'incident'; readonly what: string; readonly of: string; readonly servers: readonly string[] };

/** The engine's view of a fleet as a program of its own, so that it can run on another host: KEY SERVER... */
const [key, ...servers] = process.argv.slice(2);
const fleet = openEngineFleet({ servers, key, machineKey: 'follower', target: { heard: () => undefined } });

function tell(line: FollowedLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

fleet.onIncident(({ what, incident: { kind, servers: named } }) =>
  tell({ kind: 'incident', what, of: kind, servers: named }),
);
fleet.start();
let last = '';
setInterval(() => {
  const view = fleet.snapshot();
  const line = { kind: 'state', state: view.live, servers: view.servers.map(({ state }) => state) } as const;
  if (JSON.stringify(line) === last) return;
  last = JSON.stringify(line);
  tell(line);
}, 100);
