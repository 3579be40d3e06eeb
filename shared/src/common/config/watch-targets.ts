import { formatHostPort, type ServerAddress } from '../address/server-address.ts';
import type { HealthSettings } from '../health/health-settings.ts';
import { DEFAULT_STATUSES, type HttpCheck } from '../health/http-check.ts';
import type { AgentConfig } from './agent-config.ts';
import { hostOfUrl, reachableOf } from './host-of-url.ts';
import { parseHostPort } from './host-port.ts';
import { parseListenAddress } from './listen-address.ts';
import type { MonitorSettings } from './monitor-config.ts';

/** One server to watch, as the configuration says. */
export interface WatchTarget extends ServerAddress {
  /** Unique among all; `host:port` where no name was given. */
  readonly name: string;
  readonly weight: number;
  /** An agent of the fleet, and not a server that was listed. */
  readonly isAgent: boolean;
  /** This very agent: its answers say nothing of the network. */
  readonly isOwn: boolean;
  readonly http?: HttpCheck;
}

/** Where an agent says that it is up; whether it takes uploads (ready) may hang on its disk, which copies do not mind. */
const AGENT_CHECK = { path: '/health/live', statuses: [{ from: 200, to: 299 }] };

/** The servers that were listed. */
export function listedTargets({ servers }: Pick<MonitorSettings, 'servers'>): readonly WatchTarget[] {
  return servers.flatMap(({ name, address, weight, http }) => {
    const place = parseHostPort(address);
    if (place === undefined) return [];
    const target = { name: name ?? formatHostPort(place), ...place, weight, isAgent: false, isOwn: false };
    return [http === undefined ? target : { ...target, http: checkOf(http) }];
  });
}

/** The agents of a fleet, this one first, and the servers that were listed. `port` is the one that listen became. */
export function agentTargets(config: AgentConfig, port: number): readonly WatchTarget[] {
  const agent = { weight: 1, isAgent: true };
  const http = (isTls: boolean): HttpCheck => ({ ...AGENT_CHECK, isTls });
  const own = { ...agent, name: config.name, ...ownAddress(config, port), isOwn: true, http: http(false) };
  const peers = config.peers.flatMap(({ name, url }) => {
    const place = hostOfUrl(url);
    return place === undefined ? [] : [{ ...agent, name, ...place, isOwn: false, http: http(/^https:/i.test(url)) }];
  });
  return [own, ...peers, ...listedTargets(config.monitor)];
}

/** Those that stand in status files: the listed ones where there are some, else the agents. */
export function inStatusFiles<T extends Pick<WatchTarget, 'isAgent'>>(targets: readonly T[]): readonly T[] {
  const listed = targets.filter(({ isAgent }) => !isAgent);
  return listed.length > 0 ? listed : targets;
}

export function healthSettingsOf(settings: MonitorSettings): HealthSettings {
  return {
    intervalMs: settings.interval,
    fastIntervalMs: settings.fastInterval,
    timeoutMs: settings.timeout,
    fall: settings.fall,
    rise: settings.rise,
    warmUpMs: settings.warmUp,
  };
}

/** Where others reach this agent; on its own machine where the configuration does not say more. */
function ownAddress({ listen, monitor }: AgentConfig, port: number): ServerAddress {
  const told = monitor.address === undefined ? undefined : parseHostPort(monitor.address);
  return told ?? reachableOf({ host: parseListenAddress(listen)?.host ?? '127.0.0.1', port });
}

function checkOf(http: NonNullable<MonitorSettings['servers'][number]['http']>): HttpCheck {
  return {
    path: http.path,
    isTls: http.tls,
    statuses: http.statuses ?? DEFAULT_STATUSES,
    ...(http.body === undefined ? {} : { body: http.body }),
  };
}
