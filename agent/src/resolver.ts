/**
 * What a web application imports as `imagefleet/resolver`: which server a key belongs to, always by the newest status
 * file. Every type that it shows is declared here, so that this file alone makes the declarations of the package.
 */
import { legacyCandidates } from '@imagefleet/shared/common/resolver/legacy.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { openStatusFile as openReader } from '@imagefleet/shared/node/status-file/open-status-file.ts';

/** A server of the status file. */
export interface FleetServer {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly online: boolean;
  /** Its share of the keys, compared with the others'; 1 where the form of the file has no weights. */
  readonly weight: number;
}

/** What is known at one moment. */
export interface FleetStatus {
  /** In the order of the file, from its last good content; the same array until the file says something else. */
  readonly servers: readonly FleetServer[];
  /** Grows with every change of availability. Null before the first good content, and in files without one. */
  readonly generation: number | null;
  /** Silent: the monitor has died, and the content is as old as that. Unknown: no second counter of its lease was seen yet. */
  readonly monitor: 'alive' | 'silent' | 'unknown';
  /** Why the file could not be read the last time, while its last good content goes on; null when it could. */
  readonly problem: { readonly code: string; readonly message: string; readonly hint?: string } | null;
}

/** A status file that is kept up with. */
export interface Fleet {
  /**
   * Every online server for a key (a session id, a user, a path): its own server first, then those it moves on to when
   * the ones before do not answer. Empty when nobody is online. Takes a fraction of a microsecond.
   */
  resolve(key: string): FleetServer[];
  current(): FleetStatus;
  /** Calls after every change of what `current` answers; returns what ends it. */
  onChange(listener: (status: FleetStatus, before: FleetStatus) => void): () => void;
  /** Ends watching; what was read last stays. */
  close(): void;
}

export interface FleetOptions {
  /**
   * `rendezvous` (default): even, and only the keys of a failed server move. `legacy`: as the old PartitionResolver of
   * ASP.NET applications, where they must agree with it. With 4, 8, 12 … servers legacy never uses every fourth of them,
   * and when a server fails, its neighbour gets its whole load.
   */
  readonly mode?: 'rendezvous' | 'legacy';
  /** Looks at the file at least so often, in milliseconds, for disks that tell nothing of changes; default 2000. */
  readonly pollMs?: number;
  /** Gets what a listener has thrown; by default it becomes a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens a status file of any form (ASP.NET XML, JSON, nginx) and keeps up with it, also while it does not exist yet.
 * Resolves after the first look and never rejects: what is wrong stands in `current().problem`. Keeps no process alive.
 */
export async function openStatusFile(path: string, options: FleetOptions = {}): Promise<Fleet> {
  const { mode = 'rendezvous', ...readerOptions } = options;
  const reader = await openReader(path, readerOptions);
  let servers: readonly FleetServer[] | undefined;
  let resolve: (key: string) => FleetServer[] = () => [];
  return {
    resolve: (key) => {
      const newest = reader.current().servers;
      if (newest !== servers) {
        servers = newest;
        resolve = resolveIn(newest, mode);
      }
      return resolve(key);
    },
    current: () => reader.current(),
    onChange: (listener) => reader.onChange(listener),
    close: () => reader.close(),
  };
}

function resolveIn(servers: readonly FleetServer[], mode: 'rendezvous' | 'legacy'): (key: string) => FleetServer[] {
  if (mode === 'legacy') return (key) => legacyCandidates(key, servers);
  const resolver = createResolver(servers);
  return (key) => resolver.resolve(key);
}
