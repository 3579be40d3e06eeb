import { arch, availableParallelism, freemem, platform, release, totalmem } from 'node:os';

/** On what this program runs, as far as it matters to whoever looks for a fault. */
export interface MachineFacts {
  /** Versions of Node and, in the app, of Electron and its browser. */
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly arch: string;
  readonly release: string;
  readonly processors: number;
  readonly timeZone: string;
  readonly memory: {
    readonly processBytes: number;
    readonly heapBytes: number;
    readonly freeBytes: number;
    readonly totalBytes: number;
  };
  readonly upSeconds: number;
}

const VERSIONS = ['node', 'v8', 'sqlite', 'openssl', 'electron', 'chrome'];

export function machineFacts(): MachineFacts {
  const { rss, heapUsed } = process.memoryUsage();
  const known: Readonly<Record<string, string | undefined>> = process.versions;
  const versions = VERSIONS.flatMap((name) => {
    const version = known[name];
    return version === undefined ? [] : [[name, version] as const];
  });
  return {
    versions: Object.fromEntries(versions),
    ...{ platform: platform(), arch: arch(), release: release(), processors: availableParallelism() },
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    memory: { processBytes: rss, heapBytes: heapUsed, freeBytes: freemem(), totalBytes: totalmem() },
    upSeconds: Math.round(process.uptime()),
  };
}
