import { FleetError } from '#common/errors/fleet-error.ts';
import { readXmlFile, type XmlElement } from './xml-file.ts';

/** One `<Server Name="…" Uri="…" SecurityKey="…"/>`. */
export interface LegacyServer {
  readonly name: string;
  /** Uri without `/do.ashx`, where our own agents answer too. */
  readonly url: string;
  readonly securityKey: string;
  readonly line: number;
}

export interface LegacyServers {
  readonly file: string;
  readonly servers: readonly LegacyServer[];
  /** One whole line each. */
  readonly problems: readonly string[];
}

/** Reads servers.xml. Everything that is wrong with it, also that it is missing, is a problem; nothing is thrown. */
export async function readServersXml(file: string): Promise<LegacyServers> {
  try {
    const xml = await readXmlFile(file);
    return 'problem' in xml ? { file, servers: [], problems: [xml.problem] } : readServers(xml.root, file);
  } catch (error) {
    if (error instanceof FleetError) return { file, servers: [], problems: [error.message] };
    throw error;
  }
}

function readServers(root: XmlElement, file: string): LegacyServers {
  if (root.name.toLowerCase() !== 'servers') {
    return {
      file,
      servers: [],
      problems: [`${file}:${String(root.line)}: the root element must be <Servers>, not <${root.name}>`],
    };
  }
  const servers: LegacyServer[] = [];
  const problems: string[] = [];
  for (const element of root.children) {
    const place = `${file}:${String(element.line)}`;
    if (element.name.toLowerCase() !== 'server') {
      problems.push(`${place}: <${element.name}> is not a <Server>`);
      continue;
    }
    const missing = ['Name', 'Uri', 'SecurityKey'].filter((name) => !element.attributes.has(name.toLowerCase()));
    problems.push(...missing.map((name) => `${place}: ${name}: is missing`));
    if (missing.length > 0) continue;
    const value = (name: string) => element.attributes.get(name) ?? '';
    const url = value('uri')
      .trim()
      .replace(/\/do\.ashx\/?$/i, '');
    servers.push({ name: value('name').trim(), url, securityKey: value('securitykey'), line: element.line });
  }
  return { file, servers, problems };
}
