import { join, resolve } from 'node:path';
import { agentConfigSchema, type AgentConfig } from '@imagefleet/shared/common/config/agent-config.ts';
import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import { judgeKeys, type KeyVerdict } from '@imagefleet/shared/common/config/key-policy.ts';
import { parseAgentConfig } from '@imagefleet/shared/common/config/parse-agent-config.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatProblem, type ConfigPath, type ConfigPlace, type ConfigSource } from './config-source.ts';
import { isMissingFile } from './config-text.ts';
import { applyEnvironment, type Environment } from './environment-overrides.ts';
import { readLegacyConfig } from './legacy-config.ts';
import { readYamlConfig } from './yaml-config.ts';

const DEFAULT_FILE = 'agent.yaml';

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
  const overridden = applyEnvironment(source.raw, options.env);
  const raw = withListen(overridden.raw, options.listen);
  const locate = (path: ConfigPath) => locateSetting(path, { source, variables: overridden.variables, options });

  const parsed = parseAgentConfig(raw);
  const verdict = judgeRawKeys(raw);
  const broken = [...('problems' in parsed ? parsed.problems : []), ...verdict.refusals];
  const lines = [
    ...source.problems,
    ...overridden.problems,
    ...broken.map(({ path, message }) => formatProblem(locate(path), message)),
  ];
  if ('problems' in parsed || lines.length > 0) throw invalid(source.file, lines);
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

function withListen(raw: unknown, listen: string | undefined): unknown {
  return listen === undefined || typeof raw !== 'object' || raw === null ? raw : { ...raw, listen };
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

function locateSetting(
  path: ConfigPath,
  known: {
    readonly source: ConfigSource;
    readonly variables: ReadonlyMap<string, string>;
    readonly options: LoadConfigOptions;
  },
): ConfigPlace {
  const label = formatConfigPath(path);
  if (label === 'listen' && known.options.listen !== undefined) return { origin: '--listen', label: '' };
  const variable = known.variables.get(label);
  return variable === undefined ? known.source.locate(path) : { origin: variable, label: '' };
}

function invalid(file: string, lines: readonly string[]): FleetError {
  const count = lines.length === 1 ? 'one problem' : `${String(lines.length)} problems`;
  return new FleetError('CFG_INVALID', [`The configuration ${file} has ${count}:`, ...lines].join('\n  '));
}

function withAbsolutePaths(config: AgentConfig, folder: string): LoadedConfig {
  const dataDir = resolve(folder, config.dataDir);
  return {
    ...config,
    dataDir,
    imagesDir: config.imagesDir === undefined ? join(dataDir, 'images') : resolve(folder, config.imagesDir),
    logDir: config.logDir === undefined ? join(dataDir, 'log') : resolve(folder, config.logDir),
  };
}

/** Plain objects and arrays without circles, as a schema makes them. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
