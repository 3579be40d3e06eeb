import { join, resolve } from 'node:path';
import { agentConfigSchema, type AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import type { ConfigProblem } from '@imagefleet/shared/common/config/config-rules.ts';
import { judgeKeys, type KeyVerdict } from '@imagefleet/shared/common/config/key-policy.ts';
import { parseAgentConfig } from '@imagefleet/shared/common/config/parse-agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { deepFreeze, invalidConfig, locateSetting, withListen } from './config-layers.ts';
import { formatProblem, type ConfigPath, type ConfigSource } from './config-source.ts';
import { isMissingFile } from '@imagefleet/shared/node/config-file/config-text.ts';
import { applyEnvironment, variableNames, type Environment } from './environment-overrides.ts';
import { readLegacyConfig } from './legacy-config.ts';
import { brokenStatusPaths, takenFiles, withAbsoluteFiles } from './monitor-paths.ts';
import { readYamlConfig } from './yaml-config.ts';

const DEFAULT_FILE = 'agent.yaml';
const DEFAULT_DATA = agentConfigSchema.shape.dataDir.parse(undefined);
/** Folders in the data folder that nobody else may put files into; `quarantine` is kept free for the search for rot. */
const OWN_FOLDERS = ['tmp', 'trash', 'quarantine'];
const OWN_FILES = ['catalog.sqlite', 'monitor.sqlite', 'sessions.json'];
const VARIABLES = variableNames(agentConfigSchema);

/** The configuration as the program uses it: checked, every path absolute, frozen to its depths. */
export type LoadedConfig = AgentConfig & { readonly imagesDir: string; readonly logDir: string };

export interface LoadConfigOptions {
  /** agent.yaml or JSON. Neither this nor `webConfig`: ./agent.yaml. */
  readonly file?: string | undefined;
  /** web.config of the old upload program. */
  readonly webConfig?: string | undefined;
  /** host:port; wins over file and environment. */
  readonly listen?: string | undefined;
  /** The variables of the process; see environment-overrides.ts. */
  readonly env: Environment;
  /** Where relative names of the files above start. */
  readonly cwd: string;
}

export interface LoadedConfiguration {
  readonly config: LoadedConfig;
  /** Whole sentences, for the log and the terminal. */
  readonly warnings: readonly string[];
  /** Absolute. */
  readonly sourceFile: string;
}

/**
 * Reads the configuration from a file, the environment and the command line, in rising order. Throws CFG_UNREADABLE when
 * the file cannot be read, and one CFG_INVALID whose message has a line for every problem, with its place.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfiguration> {
  const source = await readSource(options);
  const overridden = applyEnvironment(source.raw, options.env, VARIABLES);
  const { listen } = options;
  const raw = withListen(overridden.raw, listen);
  const locate = (path: ConfigPath) => locateSetting(path, { source, variables: overridden.variables, listen });

  const parsed = parseAgentConfig(raw);
  const verdict = judgeRawKeys(raw);
  const broken = [
    ...('problems' in parsed ? parsed.problems : []),
    ...brokenMonitorPaths(raw, source),
    ...verdict.refusals,
  ];
  const lines = [
    ...source.problems,
    ...overridden.problems,
    ...broken.map(({ path, message }) => formatProblem(locate(path), message)),
  ];
  if ('problems' in parsed || lines.length > 0) throw invalidConfig(source.file, lines);
  return {
    config: deepFreeze(withAbsolutePaths(parsed.config, source.folder)),
    warnings: [...source.warnings, ...overridden.warnings, ...verdict.warnings],
    sourceFile: source.file,
  };
}

async function readSource({ file, webConfig, cwd }: LoadConfigOptions): Promise<ConfigSource> {
  if (webConfig !== undefined) {
    if (file !== undefined) throw new FleetError('CFG_INVALID', 'Give either an agent.yaml or a web.config, not both.');
    return readLegacyConfig(resolve(cwd, webConfig));
  }
  try {
    return await readYamlConfig(resolve(cwd, file ?? DEFAULT_FILE));
  } catch (error) {
    if (file !== undefined || !isMissingFile(error)) throw error;
    throw new FleetError('CFG_UNREADABLE', `There is no ${DEFAULT_FILE} in ${cwd}.`, {
      cause: error,
      hint:
        'Name a configuration with --config FILE, start on the old one with --web-config web.config, ' +
        'or make one out of it with "imagefleet import-legacy web.config --out agent.yaml".',
    });
  }
}

/** Keys are judged also where other settings are wrong, so that all problems come together. */
function judgeRawKeys(raw: unknown): KeyVerdict {
  const { listen, securityKey, peerKey, keys } = (typeof raw === 'object' ? (raw ?? {}) : {}) as Record<
    string,
    unknown
  >;
  const parsed = agentConfigSchema
    .pick({ listen: true, securityKey: true, peerKey: true, keys: true })
    .safeParse({ listen, securityKey, peerKey, keys });
  return parsed.success ? judgeKeys(parsed.data) : { refusals: [], warnings: [] };
}

/** A status file in the image folder would be taken for an image's path, one in tmp/ be swept away at the next start. */
function brokenMonitorPaths(raw: unknown, { file, folder }: ConfigSource): readonly ConfigProblem[] {
  const { dataDir, imagesDir, monitor } = (typeof raw === 'object' ? (raw ?? {}) : {}) as Record<string, unknown>;
  const data = resolve(folder, typeof dataDir === 'string' ? dataDir : DEFAULT_DATA);
  const images = typeof imagesDir === 'string' ? resolve(folder, imagesDir) : join(data, 'images');
  return brokenStatusPaths(monitor, {
    ...{ at: ['monitor'], folder, platform: process.platform },
    files: takenFiles(
      file,
      OWN_FILES.map((name) => join(data, name)),
    ),
    folders: [images, ...OWN_FOLDERS.map((name) => join(data, name))],
  });
}

function withAbsolutePaths(config: AgentConfig, folder: string): LoadedConfig {
  const dataDir = resolve(folder, config.dataDir);
  return {
    ...config,
    dataDir,
    imagesDir: config.imagesDir === undefined ? join(dataDir, 'images') : resolve(folder, config.imagesDir),
    logDir: config.logDir === undefined ? join(dataDir, 'log') : resolve(folder, config.logDir),
    monitor: withAbsoluteFiles(config.monitor, { folder, platform: process.platform }),
  };
}
