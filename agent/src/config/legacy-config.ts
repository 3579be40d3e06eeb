import { dirname, join } from 'node:path';
import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatProblem, type ConfigPath, type ConfigPlace, type ConfigSource } from './config-source.ts';
import { readServersXml, type LegacyServer } from '@imagefleet/shared/node/config-file/legacy-servers.ts';
import { readXmlFile, type XmlElement } from '@imagefleet/shared/node/config-file/xml-file.ts';

/** Folder for what the old program did not have: catalog, tmp, trash. On the file system of the images. */
const DATA_FOLDER = '.imagefleet';
/** Where the old program's samples put the log. */
const DEFAULT_LOG = '/log';

/** One `<add key="…" value="…"/>` of appSettings. */
interface AppSetting {
  readonly value: string;
  readonly line: number;
}

/** Settings of web.config and what they are called in ours. */
const LABELS: Readonly<Record<string, string>> = {
  name: 'ServerName',
  publicUrl: 'Domain',
  securityKey: 'SecurityKey',
  logDir: 'Log',
};

/**
 * Reads web.config and servers.xml of the old upload program as they are. The folder of web.config is the site: the
 * image root, and what paths such as `/servers.xml` and `/log` start from. Throws CFG_UNREADABLE when web.config cannot
 * be read and CFG_INVALID when it is no XML; everything else that is wrong is a problem of the source.
 */
export async function readLegacyConfig(file: string): Promise<ConfigSource> {
  const folder = dirname(file);
  const xml = await readXmlFile(file);
  if ('problem' in xml) throw new FleetError('CFG_INVALID', xml.problem);
  const problems: string[] = [];
  const settings = readAppSettings(xml.root, file, problems);
  const own = settings.get('servername')?.value.trim() ?? '';

  const serversPath = siteFile(settings, 'Servers', { folder, file, problems });
  const listed =
    serversPath === undefined ? { file: '', servers: [], problems: [] } : await readServersXml(serversPath);
  problems.push(...listed.problems);
  const isOwn = ({ name }: LegacyServer) => name.toLowerCase() === own.toLowerCase();
  const peers = listed.servers.filter((server) => !isOwn(server));
  // With peers the rules of the configuration ask for it anyway.
  if (peers.length === 0 && !settings.has('securitykey')) problems.push(`${file}: SecurityKey: is missing`);

  return {
    file,
    folder,
    raw: {
      name: settings.get('servername')?.value.trim(),
      publicUrl: settings.get('domain')?.value.trim(),
      securityKey: settings.get('securitykey')?.value,
      dataDir: join(folder, DATA_FOLDER),
      imagesDir: folder,
      logDir: siteFile(settings, 'Log', { folder, file, problems }) ?? join(folder, DEFAULT_LOG),
      peers: peers.map(({ name, url, securityKey }) => ({ name, url, securityKey })),
    },
    problems,
    warnings: listed.problems.length > 0 ? [] : warningsAbout(own, settings, listed.servers.filter(isOwn)),
    locate: (path) => locate(path, { file, settings, serversFile: listed.file, peers }),
  };
}

function readAppSettings(root: XmlElement, file: string, problems: string[]): ReadonlyMap<string, AppSetting> {
  const settings = new Map<string, AppSetting>();
  const sections = root.children.filter(({ name }) => name.toLowerCase() === 'appsettings');
  if (root.name.toLowerCase() !== 'configuration' || sections.length === 0) {
    problems.push(`${file}: has no <appSettings> in <configuration>`);
  }
  for (const section of sections) {
    if (section.attributes.has('configsource') || section.attributes.has('file')) {
      problems.push(`${file}:${String(section.line)}: takes appSettings from another file; put them here`);
    }
    // As ASP.NET reads them: keys without regard to case, the last one wins.
    for (const { name, attributes, line } of section.children) {
      const key = attributes.get('key');
      if (name.toLowerCase() === 'add' && key !== undefined) {
        settings.set(key.trim().toLowerCase(), { value: attributes.get('value') ?? '', line });
      }
    }
  }
  if (!settings.has('servers')) problems.push(`${file}: Servers: is missing`);
  return settings;
}

/** A path of the site (`/log`, `~/log`, `log`, with either slash) on the disk; undefined when not set or reported. */
function siteFile(
  settings: ReadonlyMap<string, AppSetting>,
  key: string,
  site: { readonly folder: string; readonly file: string; readonly problems: string[] },
): string | undefined {
  const setting = settings.get(key.toLowerCase());
  if (setting === undefined) return undefined;
  const segments = setting.value
    .trim()
    .replaceAll('\\', '/')
    .replace(/^~?\/+/, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (segments.length > 0 && !segments.includes('..') && !setting.value.includes(':'))
    return join(site.folder, ...segments);
  const place = { origin: site.file, line: setting.line, label: key };
  site.problems.push(formatProblem(place, 'expected a path inside the site, such as /log or /servers.xml'));
  return undefined;
}

function warningsAbout(
  own: string,
  settings: ReadonlyMap<string, AppSetting>,
  entries: readonly LegacyServer[],
): readonly string[] {
  if (entries.length === 0) {
    return [`servers.xml does not list ${own} (ServerName), so every server in it is taken for another one.`];
  }
  const key = settings.get('securitykey')?.value;
  if (entries.every(({ securityKey }) => securityKey === key)) return [];
  return [
    `SecurityKey of ${own} in servers.xml is not the one in web.config; servers that use that file cannot reach this one.`,
  ];
}

function locate(
  path: ConfigPath,
  known: {
    readonly file: string;
    readonly settings: ReadonlyMap<string, AppSetting>;
    readonly serversFile: string;
    readonly peers: readonly LegacyServer[];
  },
): ConfigPlace {
  const [first, index, field] = path;
  if (first === 'peers' && typeof index === 'number') {
    const names: Readonly<Record<string, string>> = { name: 'Name', url: 'Uri', securityKey: 'SecurityKey' };
    return { origin: known.serversFile, line: known.peers[index]?.line, label: names[String(field)] ?? '' };
  }
  const label = LABELS[String(first)] ?? formatConfigPath(path);
  return { origin: known.file, line: known.settings.get(label.toLowerCase())?.line, label };
}
