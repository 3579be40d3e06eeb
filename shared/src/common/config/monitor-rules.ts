import { formatHostPort, type ServerAddress } from '../address/server-address.ts';
import { agentConfigSchema } from './agent-config.ts';
import { durationMs } from './units.ts';
import { isRecord, problem, repeated, type ConfigProblem } from './config-rules.ts';
import { advertised, hostOfUrl } from './host-of-url.ts';
import { parseHostPort } from './host-port.ts';
import { monitorConfigSchema } from './monitor-config.ts';

/** An agent that is watched without being listed among the servers. */
export interface FleetMember {
  readonly path: ConfigProblem['path'];
  readonly name: unknown;
  /** Undefined: others cannot know it from what is written there. */
  readonly address: ServerAddress | undefined;
}

interface RuleContext {
  /** Where the block stands in the configuration. */
  readonly at: ConfigProblem['path'];
  readonly agents: readonly FleetMember[];
}

/** The servers of the block as they are written, a bare `host:port` as its address. */
type RawServer = Readonly<Record<string, unknown>>;

/**
 * The rules between keys of a monitor's settings, for the raw value, as those of config-rules.ts. Status files are
 * compared by their whole paths where these are known, in agent/src/config/monitor-paths.ts.
 */
export function brokenMonitorRules(raw: unknown, { at, agents }: RuleContext): readonly ConfigProblem[] {
  if (!isRecord(raw)) return [];
  const servers = listIn(raw, 'servers').map((server) =>
    typeof server === 'string' ? { address: server } : recordOf(server),
  );
  const statusFiles = listIn(raw, 'statusFiles').map(recordOf);
  const hooks = listIn(raw, 'hooks').map(recordOf);
  const names = [...agents.map(({ name }) => name), ...servers.map(nameOf)];
  return [
    ...slowDoubt(raw, at),
    ...takenNames(servers, { at, agents }),
    ...repeated(servers.map(({ address }) => placeOf(address))).map((index) =>
      problem([...at, 'servers', index, 'address'], 'is the address of another server too'),
    ),
    ...repeated(listIn(raw, 'witnesses').map((witness) => recordOf(witness)['name'])).map((index) =>
      problem([...at, 'witnesses', index, 'name'], 'is the name of another witness too'),
    ),
    ...hooks.flatMap((hook, index) => brokenHook(hook, [...at, 'hooks', index], new Set(names))),
    ...statusFiles.flatMap(({ format, upstream }, index) =>
      upstream !== undefined && format !== 'nginx'
        ? [problem([...at, 'statusFiles', index, 'upstream'], 'belongs to format nginx only')]
        : [],
    ),
    ...(statusFiles.length > 0 ? unlistable(servers, statusFiles, { at, agents }) : []),
  ];
}

/** The agents of an agent's configuration, itself first. */
export function fleetOf(raw: unknown): readonly FleetMember[] {
  const config = recordOf(raw);
  const address = recordOf(config['monitor'])['address'];
  const listen = config['listen'] ?? agentConfigSchema.shape.listen.parse(undefined);
  const own =
    typeof address === 'string'
      ? { path: ['monitor', 'address'], address: parseHostPort(address) }
      : { path: ['listen'], address: typeof listen === 'string' ? advertised(listen) : undefined };
  const peers = listIn(config, 'peers').map(recordOf);
  return [
    { ...own, name: config['name'] },
    ...peers.map(({ name, url }, index) => ({
      ...{ path: ['peers', index, 'url'], name },
      address: typeof url === 'string' ? hostOfUrl(url) : undefined,
    })),
  ];
}

function slowDoubt(raw: RawServer, at: ConfigProblem['path']): readonly ConfigProblem[] {
  const [interval, fastInterval] = (['interval', 'fastInterval'] as const).map(
    (key) => durationMs.safeParse(raw[key]).data ?? monitorConfigSchema.shape[key].parse(undefined),
  );
  if (interval === undefined || fastInterval === undefined || fastInterval <= interval) return [];
  return [problem([...at, 'fastInterval'], 'is longer than interval')];
}

function takenNames(servers: readonly RawServer[], { at, agents }: RuleContext): readonly ConfigProblem[] {
  const names = [...agents.map(({ name }) => name), ...servers.map(nameOf)];
  return repeated(names).flatMap((place) => {
    const index = place - agents.length;
    // Two agents with one name, and one address twice, are told elsewhere.
    if (servers[index]?.['name'] === undefined) return [];
    return [problem([...at, 'servers', index, 'name'], 'is the name of another server too')];
  });
}

function brokenHook(hook: RawServer, at: ConfigProblem['path'], names: ReadonlySet<unknown>): readonly ConfigProblem[] {
  const [exec, webhook] = [hook['exec'] !== undefined, hook['webhook'] !== undefined];
  return [
    ...(exec === webhook ? [problem(at, exec ? 'has exec and webhook; give one' : 'needs exec or webhook')] : []),
    ...(hook['secret'] !== undefined && !webhook ? [problem([...at, 'secret'], 'belongs to a webhook only')] : []),
    ...listIn(hook, 'servers').flatMap((name, index) =>
      typeof name === 'string' && !names.has(name)
        ? [problem([...at, 'servers', index], `no server is called ${name}`)]
        : [],
    ),
  ];
}

/** What a status file cannot tell: a server without an address, and in the aspnet form two ports on one host. */
function unlistable(
  servers: readonly RawServer[],
  statusFiles: readonly RawServer[],
  { at, agents }: RuleContext,
): readonly ConfigProblem[] {
  const listed =
    servers.length === 0
      ? agents
      : servers.map(({ address }, index) => ({
          path: [...at, 'servers', index, 'address'],
          address: typeof address === 'string' ? parseHostPort(address) : undefined,
        }));
  const isAddressMissing = servers.length === 0 && agents[0]?.address === undefined && agents[0]?.path[0] === 'listen';
  const missing = isAddressMissing
    ? [
        problem(
          [...at, 'address'],
          'is missing: status files list this server, and listen does not say where others reach it',
        ),
      ]
    : [];
  return statusFiles.some(({ format }) => format === 'aspnet') ? [...missing, ...secondPorts(listed)] : missing;
}

function secondPorts(listed: readonly Pick<FleetMember, 'path' | 'address'>[]): readonly ConfigProblem[] {
  const first = new Map<string, ServerAddress>();
  return listed.flatMap(({ path, address }) => {
    if (address === undefined) return [];
    const host = address.host.toLowerCase();
    const earlier = first.get(host);
    if (earlier === undefined) first.set(host, address);
    if (earlier === undefined || earlier.port === address.port) return [];
    const message =
      `${formatHostPort(address)} is on the same host as ${formatHostPort(earlier)}, and ASP.NET refuses a file (format ` +
      'aspnet) with two ports on one host; use json or nginx, or another name for the host';
    return [problem(path, message)];
  });
}

function nameOf({ name, address }: RawServer): unknown {
  return name ?? placeOf(address);
}

/** As it is written where nobody gave a name; undefined for what is no address, which the schema tells. */
function placeOf(address: unknown): string | undefined {
  const parsed = typeof address === 'string' ? parseHostPort(address) : undefined;
  return parsed === undefined ? undefined : formatHostPort(parsed);
}

function listIn(record: RawServer, key: string): readonly unknown[] {
  const value = record[key];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function recordOf(value: unknown): RawServer {
  return isRecord(value) ? value : {};
}
