import { posix, win32 } from 'node:path';
import type { ConfigProblem } from '@imagefleet/shared/common/config/config-rules.ts';
import type { HookConfig, MonitorSettings } from '@imagefleet/shared/common/config/monitor-config.ts';
import { leasePath } from '@imagefleet/shared/common/status-file/lease.ts';
import type { ConfigPath } from './config-source.ts';

/** What is written beside each status file. */
const LEASE = leasePath('');

export interface StatusPathContext {
  /** Where the monitor's settings stand in the configuration. */
  readonly at: ConfigPath;
  /** Where relative paths start. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  /** What must not be overwritten: absolute paths, and what is there as the end of a sentence. */
  readonly files: readonly (readonly [path: string, what: string])[];
  /** Folders in which a status file would be taken for something else, or be swept away. Absolute. */
  readonly folders: readonly string[];
}

/** The configuration, and files of our own in the data folder; a database has two more beside it. */
export function takenFiles(config: string, own: readonly string[]): StatusPathContext['files'] {
  const data = own.flatMap((file) => (file.endsWith('.sqlite') ? [file, `${file}-wal`, `${file}-shm`] : [file]));
  return [[config, 'the configuration itself'], ...data.map((file) => [file, 'a file of our own'] as const)];
}

/**
 * What is wrong with the paths of status files, for the raw settings: written for another system, twice the same, or
 * where they would overwrite or be taken for something else. Whether a path can be written shows when it is written.
 */
export function brokenStatusPaths(raw: unknown, context: StatusPathContext): readonly ConfigProblem[] {
  const known = new Map(context.files.map(([file, what]) => [sameness(file, context), what]));
  return rawPaths(raw).flatMap((path, index) => {
    if (path === undefined || path === '') return [];
    const at = [...context.at, 'statusFiles', index, 'path'];
    const message = brokenPath(path, context, known);
    if (message !== undefined) return [{ path: at, message }];
    const file = sameness(path, context);
    known.set(file, 'another status file too');
    known.set(file + LEASE, `the lease of another status file, which is written as ${LEASE} beside it`);
    return [];
  });
}

/** The settings with the paths of status files and of hooks' programs absolute. */
export function withAbsoluteFiles<T extends MonitorSettings>(
  settings: T,
  { folder, platform }: Pick<StatusPathContext, 'folder' | 'platform'>,
): T {
  const paths = pathsOf(platform);
  return {
    ...settings,
    statusFiles: settings.statusFiles.map((file) => ({ ...file, path: paths.resolve(folder, file.path) })),
    hooks: settings.hooks.map((hook) => withAbsoluteProgram(hook, { folder, platform })),
  };
}

/** A bare name is looked for along PATH, as a shell does; what has a slash is a path. */
function withAbsoluteProgram(
  hook: HookConfig,
  { folder, platform }: Pick<StatusPathContext, 'folder' | 'platform'>,
): HookConfig {
  const [program, ...args] = hook.exec ?? [];
  const isPath = program !== undefined && (platform === 'win32' ? /[\\/]/ : /\//).test(program);
  return isPath ? { ...hook, exec: [pathsOf(platform).resolve(folder, program), ...args] } : hook;
}

function brokenPath(path: string, context: StatusPathContext, known: ReadonlyMap<string, string>): string | undefined {
  const { platform, folders } = context;
  if (platform !== 'win32' && (path.includes('\\') || /^[A-Za-z]:/.test(path))) {
    return `is a path of Windows, and this monitor runs on ${platform}; write where the file is to be on this machine`;
  }
  if (/[\\/]$/.test(path)) return 'is a folder; name the file in it';
  const taken = known.get(sameness(path, context));
  if (taken !== undefined) return `is ${taken}`;
  const inside = folders.find((folder) => isInside(sameness(path, context), sameness(folder, context), platform));
  return inside === undefined ? undefined : `must not be inside ${inside}`;
}

function isInside(file: string, folder: string, platform: NodeJS.Platform): boolean {
  const paths = pathsOf(platform);
  const way = paths.relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way);
}

/** Equal for paths that lead to one file. */
function sameness(path: string, { folder, platform }: StatusPathContext): string {
  const absolute = pathsOf(platform).resolve(folder, path);
  return platform === 'win32' ? absolute.toLowerCase() : absolute;
}

function pathsOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

function rawPaths(raw: unknown): readonly (string | undefined)[] {
  const files = (raw as { readonly statusFiles?: unknown } | null | undefined)?.statusFiles;
  if (!Array.isArray(files)) return [];
  return (files as unknown[]).map((file) => {
    const path = (file as { readonly path?: unknown } | null | undefined)?.path;
    return typeof path === 'string' ? path : undefined;
  });
}
