import { z } from 'zod';
import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import { formatProblem, type ConfigPath } from './config-source.ts';

const PREFIX = 'IMAGEFLEET_';
/** Variables that the command line reads for itself. */
const OTHER_USES: ReadonlySet<string> = new Set(['SERVER', 'KEY', 'NODE']);

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Overrides {
  /** A copy of the configuration with the variables' values in their places. */
  readonly raw: unknown;
  /** One whole line each. */
  readonly problems: readonly string[];
  /** Whole sentences. */
  readonly warnings: readonly string[];
  /** Which variable set a place, by `formatConfigPath`. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * Every single value of the configuration can come from the environment: IMAGEFLEET_ and its name, sections joined by
 * two underscores; case and single underscores do not count, so IMAGEFLEET_LIMITS__FILE_SIZE and
 * IMAGEFLEET_LIMITS__FILESIZE are both `limits.fileSize`. An empty variable counts as not set. Lists stand in the file
 * only. A variable that names a section or a list wrongly is a problem; another unknown one is a warning, because
 * orchestrators make variables of their own out of a service's name.
 */
export function applyEnvironment(raw: unknown, env: Environment, names: VariableNames): Overrides {
  const copy = structuredClone(raw);
  const problems: string[] = [];
  const warnings: string[] = [];
  const variables = new Map<string, string>();
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.toUpperCase().startsWith(PREFIX) || value === undefined || value === '') continue;
    const name = variable.slice(PREFIX.length);
    const place = { origin: variable, label: '' };
    const path = names.scalars.get(plain(name));
    if (path === undefined) {
      if (OTHER_USES.has(name.toUpperCase())) continue;
      if (names.lists.some((list) => `${plain(name)}__`.startsWith(`${list}__`)))
        problems.push(formatProblem(place, 'lists can stand in the configuration file only'));
      else if (names.sections.has(plain(name).split('__')[0] ?? ''))
        problems.push(formatProblem(place, 'names no known setting'));
      else warnings.push(`The environment variable ${variable} names no setting and is ignored.`);
      continue;
    }
    const label = formatConfigPath(path);
    const earlier = variables.get(label);
    if (earlier === undefined) setAt(copy, path, value);
    else problems.push(formatProblem(place, `sets ${label}, and so does ${earlier}`));
    variables.set(label, variable);
  }
  return { raw: copy, problems, warnings, variables };
}

/** `LIMITS__FILE_SIZE` and `limits__fileSize` -> `limits__filesize`. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .split('__')
    .map((part) => part.replaceAll('_', ''))
    .join('__');
}

/** Creates missing sections; one of the wrong type stays, for the schema to refuse. */
function setAt(root: unknown, path: ConfigPath, value: string): void {
  let section = root;
  for (const [index, part] of path.entries()) {
    if (typeof section !== 'object' || section === null || Array.isArray(section)) return;
    const record = section as Record<string, unknown>;
    if (index === path.length - 1) record[part] = value;
    else section = record[part] ??= {};
  }
}

/** The variables of one kind of configuration, by `plain`. */
export interface VariableNames {
  readonly scalars: ReadonlyMap<string, ConfigPath>;
  readonly lists: readonly string[];
  readonly sections: ReadonlySet<string>;
}

/**
 * Read off the schema, so that a new setting has its variable at once. With `alias` every setting that is not in a
 * section has a second name in that section.
 */
export function variableNames(schema: z.ZodType, options: { readonly alias?: string } = {}): VariableNames {
  const { scalars, lists } = namesIn(schema, []);
  const alias = options.alias === undefined ? [] : [`${options.alias}__`];
  return {
    scalars: new Map(
      ['', ...alias].flatMap((start) => scalars.map((path) => [start + path.join('__').toLowerCase(), path] as const)),
    ),
    lists: ['', ...alias].flatMap((start) => lists.map((list) => start + list)),
    sections: new Set([
      ...(options.alias === undefined ? [] : [options.alias]),
      ...scalars.flatMap(([section, ...rest]) =>
        rest.length > 0 && section !== undefined ? [section.toLowerCase()] : [],
      ),
    ]),
  };
}

interface SettingNames {
  readonly scalars: readonly (readonly string[])[];
  readonly lists: readonly string[];
}

function namesIn(schema: unknown, path: readonly string[]): SettingNames {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return namesIn(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodArray) return { scalars: [], lists: [path.join('__').toLowerCase()] };
  if (!(schema instanceof z.ZodObject)) return { scalars: [path], lists: [] };
  const inner = Object.entries(schema.shape).map(([key, value]) => namesIn(value, [...path, key]));
  return { scalars: inner.flatMap(({ scalars }) => scalars), lists: inner.flatMap(({ lists }) => lists) };
}
