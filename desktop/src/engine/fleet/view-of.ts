import { withoutUserInfo } from '@imagefleet/shared/common/address/without-user-info.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import { serverKey } from '#engine/target/preferred-order.ts';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { FleetProblem, FleetServerView, FleetView } from './fleet-view.ts';
import type { HeardFleet } from './fleet-watch.ts';
import type { OwnVerdict } from './judge-own-probes.ts';
import type { ServerNames } from './server-names.ts';

export interface ViewParts {
  readonly servers: readonly string[];
  readonly names: Pick<ServerNames, 'nameOf'>;
  readonly heard: HeardFleet | undefined;
  readonly heardAt: number | null;
  /** Whether an agent answered when it was asked last. */
  readonly isHeard: boolean;
  readonly verdict: OwnVerdict | undefined;
  readonly live: LiveState;
  readonly followed: string | null;
  /** Why no agent told when it was asked last; undefined when one did. */
  readonly unheard: FleetError | undefined;
  /** Why no events are heard; undefined while they are. */
  readonly feedError: FleetError | undefined;
}

const UNKNOWN = { state: 'unknown', since: null, disk: null, backlog: null, lagSeconds: null, code: null } as const;

/** The fleet as people see it: by the word of an agent, or by what own probes saw while no agent tells. */
export function viewOf(parts: ViewParts): FleetView {
  const { servers, names, heard, heardAt, isHeard, live, followed } = parts;
  const entries = new Map(isHeard ? heard?.servers.map((entry) => [entry.name, entry]) : []);
  return {
    servers: servers.map((server): FleetServerView => {
      const name = names.nameOf(server) ?? null;
      const entry = name === null ? undefined : entries.get(name);
      return { server: withoutUserInfo(server), name, ...(entry === undefined ? probed(server, parts) : told(entry)) };
    }),
    heardFrom: isHeard && heard !== undefined ? (names.nameOf(heard.from) ?? withoutUserInfo(heard.from)) : null,
    ...{ heardAt, silent: isHeard ? (heard?.silent ?? []) : [], live },
    followed: followed === null ? null : withoutUserInfo(followed),
    problem: problemOf(parts),
  };
}

function problemOf({ unheard, feedError }: ViewParts): FleetProblem | null {
  const errors = [unheard, feedError].filter((error) => error !== undefined);
  // A server that refuses us is there, and somebody can do something about it.
  const error = errors.find(({ isRetryable }) => !isRetryable) ?? errors[0];
  return error === undefined ? null : { code: error.code, message: error.message };
}

type ServerFacts = Omit<FleetServerView, 'server' | 'name'>;

function told({ state, since, disk, backlog, lagSeconds, cause }: ServerEntry): ServerFacts {
  return { state, since, disk, backlog, lagSeconds, code: cause?.code ?? null };
}

function probed(server: string, { verdict }: ViewParts): ServerFacts {
  const key = serverKey(server);
  const cause = verdict !== undefined && 'down' in verdict && key !== undefined ? verdict.down.get(key) : undefined;
  return cause === undefined ? UNKNOWN : { ...UNKNOWN, state: 'down', code: cause.code };
}
