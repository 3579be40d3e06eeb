import { resolve } from 'node:path';
import { judgeKeys, type KeyVerdict } from '@imagefleet/shared/common/config/key-policy.ts';
import { monitorConfigSchema, type MonitorConfig } from '@imagefleet/shared/common/config/monitor-config.ts';
import { parseMonitorConfig } from '@imagefleet/shared/common/config/parse-monitor-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { readAppConfig } from './app-config.ts';
import { deepFreeze, invalidConfig, locateSetting, withListen } from './config-layers.ts';
import { formatProblem, type ConfigPath, type ConfigSource } from './config-source.ts';
import { isMissingFile, readConfigBytes } from '@imagefleet/shared/node/config-file/config-text.ts';
import { applyEnvironment, variableNames, type Environment } from './environment-overrides.ts';
import { brokenStatusPaths, takenFiles, withAbsoluteFiles } from './monitor-paths.ts';
import { readYamlConfig } from './yaml-config.ts';

const DEFAULT_FILE = 'monitor.yaml';
const DEFAULT_DATA = monitorConfigSchema.shape.dataDir.parse(undefined);
const OWN_FILES = ['maintenance.json', 'monitor.sqlite'];
/** IMAGEFLEET_MONITOR__INTERVAL is what an agent calls it; whoever moves its block to a file of its own need not learn another name. */
const VARIABLES = variableNames(monitorConfigSchema, { alias: 'monitor' });

export interface LoadMonitorConfigOptions {
  /** monitor.yaml, JSON, or the app.config of the old service. Undefined: ./monitor.yaml. */
  readonly file?: string | undefined;
  /** host:port; wins over file and environment. */
  readonly listen?: string | undefined;
  readonly env: Environment;
  /** Where a relative name of the file starts. */
  readonly cwd: string;
  /** Whose paths count; the system's own unless given. */
  readonly platform?: NodeJS.Platform;
}

export interface LoadedMonitorConfiguration {
  /** Checked, every path absolute, frozen to its depths. */
  readonly config: MonitorConfig;
  /** Whole sentences, for the log and the terminal. */
  readonly warnings: readonly string[];
  /** Absolute. */
  readonly sourceFile: string;
}

/**
 * Reads the configuration of a monitor without an agent from a file, the environment and the command line, in rising
 * order. Throws CFG_UNREADABLE when the file cannot be read, and one CFG_INVALID with a line for every problem.
 */
export async function loadMonitorConfig(options: LoadMonitorConfigOptions): Promise<LoadedMonitorConfiguration> {
  const { platform = process.platform, listen } = options;
  const source = await readSource(options);
  const overridden = applyEnvironment(source.raw, options.env, VARIABLES);
  const raw = withListen(overridden.raw, listen);
  const locate = (path: ConfigPath) => locateSetting(path, { source, variables: overridden.variables, listen });

  const parsed = parseMonitorConfig(raw);
  const verdict = judgeRawKeys(raw);
  const paths = { folder: source.folder, platform };
  const broken = [
    ...('problems' in parsed ? parsed.problems : []),
    ...brokenStatusPaths(raw, { ...paths, at: [], folders: [], files: takenFiles(source.file, ownFiles(raw, source)) }),
    ...verdict.refusals,
  ];
  const lines = [
    ...source.problems,
    ...overridden.problems,
    ...broken.map(({ path, message }) => formatProblem(locate(path), message)),
  ];
  if ('problems' in parsed || lines.length > 0) throw invalidConfig(source.file, lines);
  const config = { ...parsed.config, dataDir: resolve(source.folder, parsed.config.dataDir) };
  return {
    config: deepFreeze(withAbsoluteFiles(config, paths)),
    warnings: [...source.warnings, ...overridden.warnings, ...verdict.warnings],
    sourceFile: source.file,
  };
}

async function readSource({ file, cwd }: LoadMonitorConfigOptions): Promise<ConfigSource> {
  const path = resolve(cwd, file ?? DEFAULT_FILE);
  try {
    return isXml(await readConfigBytes(path)) ? await readAppConfig(path) : await readYamlConfig(path);
  } catch (error) {
    if (file !== undefined || !isMissingFile(error)) throw error;
    throw new FleetError('CFG_UNREADABLE', `There is no ${DEFAULT_FILE} in ${cwd}.`, {
      cause: error,
      hint: 'Name a configuration with --config FILE: a monitor.yaml, or the app.config of the old service.',
    });
  }
}

/** No YAML that could be a configuration begins with this character. Zero bytes and marks of UTF-16 are looked over. */
function isXml(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 1000)).toString('latin1');
  return /^[\s\0\xef\xbb\xbf\xfe\xff]*</.test(start);
}

function ownFiles(raw: unknown, { folder }: ConfigSource): readonly string[] {
  const dataDir = (raw as { readonly dataDir?: unknown } | null | undefined)?.dataDir;
  const data = resolve(folder, typeof dataDir === 'string' ? dataDir : DEFAULT_DATA);
  return OWN_FILES.map((name) => resolve(data, name));
}

/** Keys are judged also where other settings are wrong, so that all problems come together. */
function judgeRawKeys(raw: unknown): KeyVerdict {
  const { listen, securityKey, keys } = (typeof raw === 'object' ? (raw ?? {}) : {}) as Record<string, unknown>;
  const parsed = monitorConfigSchema
    .pick({ listen: true, securityKey: true, keys: true })
    .safeParse({ listen, securityKey, keys });
  return parsed.success ? judgeKeys(parsed.data) : { refusals: [], warnings: [] };
}
