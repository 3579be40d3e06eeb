import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { dirname } from 'node:path';
import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import { parseHostPort } from '@imagefleet/shared/common/config/host-port.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatProblem, type ConfigPath, type ConfigSource } from './config-source.ts';
import { readDictionary, type DictionaryEntry } from './xml-dictionary.ts';
import { readXmlFile, type XmlElement } from '@imagefleet/shared/node/config-file/xml-file.ts';

const WARM_UP = 'ServerWarmUpTime';

/**
 * Reads the app.config of the old monitoring service as it is: `Servers`, `StatusFilePaths` and ServerWarmUpTime of
 * `appSettings`. The form of its status files is ASP.NET's. Throws CFG_UNREADABLE when the file cannot be read and
 * CFG_INVALID when it is no XML; everything else that is wrong is a problem of the source.
 */
export async function readAppConfig(file: string): Promise<ConfigSource> {
  const xml = await readXmlFile(file);
  if ('problem' in xml) throw new FleetError('CFG_INVALID', xml.problem);
  const problems: string[] = [];
  if (xml.root.name.toLowerCase() !== 'configuration') {
    problems.push(`${file}:${String(xml.root.line)}: the root element must be <configuration>, not <${xml.root.name}>`);
  }
  const section = (name: string): readonly DictionaryEntry[] | undefined =>
    sectionOf(xml.root, name, { file, problems });
  const listed = section('Servers');
  if (listed === undefined) problems.push(`${file}: has no <Servers> in <configuration>`);
  const { servers, warnings } = withoutRepeats(listed ?? []);
  const statusFiles = section('StatusFilePaths') ?? [];
  const settings = section('appSettings') ?? [];
  const warmUp = settings.find(({ key }) => key.toLowerCase() === WARM_UP.toLowerCase());
  return {
    file,
    folder: dirname(file),
    raw: {
      servers: servers.map(({ value }) => value),
      statusFiles: statusFiles.map(({ value }) => ({ path: value, format: 'aspnet' })),
      ...warmUpOf(warmUp, { file, problems }),
    },
    problems,
    warnings: [...warnings, ...ignored(settings.filter((setting) => setting !== warmUp))],
    locate: (path) => {
      const entry = entryAt(path, { servers, statusFiles, warmUp });
      return { origin: file, line: entry?.line, label: entry?.key ?? formatConfigPath(path) };
    },
  };
}

function sectionOf(
  root: XmlElement,
  name: string,
  { file, problems }: { readonly file: string; readonly problems: string[] },
): readonly DictionaryEntry[] | undefined {
  const elements = root.children.filter((child) => child.name.toLowerCase() === name.toLowerCase());
  if (elements.length === 0) return undefined;
  const dictionary = readDictionary(elements);
  problems.push(
    ...dictionary.problems.map(({ line, message }) => formatProblem({ origin: file, line, label: name }, message)),
  );
  return dictionary.entries;
}

/** Two keys with one address watched one server twice, and wrote it twice; ASP.NET took equal lines for one. */
function withoutRepeats(entries: readonly DictionaryEntry[]): {
  readonly servers: readonly DictionaryEntry[];
  readonly warnings: readonly string[];
} {
  const first = new Map<string, DictionaryEntry>();
  const warnings: string[] = [];
  for (const entry of entries.map((found) => ({ ...found, value: found.value.trim() }))) {
    const address = parseHostPort(entry.value);
    const place = (address === undefined ? entry.value : formatHostPort(address)).toLowerCase();
    const earlier = first.get(place);
    // What is no address is told by its place, each of them.
    if (earlier === undefined || address === undefined) first.set(address === undefined ? entry.key : place, entry);
    else warnings.push(`${entry.key} and ${earlier.key} in <Servers> are the same server, ${place}.`);
  }
  return { servers: [...first.values()], warnings };
}

function warmUpOf(
  setting: DictionaryEntry | undefined,
  { file, problems }: { readonly file: string; readonly problems: string[] },
): { readonly warmUp?: string } {
  if (setting === undefined) return {};
  if (/^\s*\d{1,9}\s*$/.test(setting.value)) return { warmUp: `${setting.value.trim()}s` };
  const place = { origin: file, line: setting.line, label: setting.key };
  problems.push(formatProblem(place, 'expected whole seconds, such as 30'));
  return {};
}

function ignored(settings: readonly DictionaryEntry[]): readonly string[] {
  if (settings.length === 0) return [];
  const names = settings.map(({ key }) => key).join(', ');
  return [`These settings of appSettings are not known here and are ignored: ${names}.`];
}

function entryAt(
  [first, index]: ConfigPath,
  known: {
    readonly servers: readonly DictionaryEntry[];
    readonly statusFiles: readonly DictionaryEntry[];
    readonly warmUp: DictionaryEntry | undefined;
  },
): DictionaryEntry | undefined {
  if (first === 'warmUp') return known.warmUp;
  if (typeof index !== 'number') return undefined;
  if (first === 'servers') return known.servers[index];
  return first === 'statusFiles' ? known.statusFiles[index] : undefined;
}
