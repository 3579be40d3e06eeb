import { readHost } from '../address/server-address.ts';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { FleetError } from '../errors/fleet-error.ts';
import { parseMark } from './content-mark.ts';
import type { DecodedStatusFile, DecodedStatusServer } from './decode-status-file.ts';

type Node = Readonly<Record<string, unknown>>;

const ATTRIBUTES = ':@';
const COMMENT = '#comment';
const TEXT = '#text';

/**
 * Reads the section as ASP.NET does, a little more leniently: an attribute more is passed over, since a reader that goes
 * on is of more use than one that refuses. Names must be exact, so that nothing is taken for what it is not.
 */
export function decodeAspnet(text: string): DecodedStatusFile {
  // Its successor, a package of its own, brings an engine for business rules along; this function stays in version 5.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw invalid(`line ${String(validity.err.line)}: ${validity.err.msg}`);
  // Entities of a document's own are no part of a status file, and a known way to attack parsers.
  if (/<!DOCTYPE/i.test(text.replace(/<!--[\s\S]*?-->/g, ''))) throw invalid('it has a DOCTYPE');
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    parseTagValue: false,
    // Numeric entities (&#20013;) hang on this option too.
    htmlEntities: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    commentPropName: COMMENT,
  });
  const comments: string[] = [];
  const root = onlyChild(parser.parse(text) as unknown, 'SessionStateServers', comments);
  const list = onlyChild(root, 'Servers', comments);
  const servers = elementsOf(list, comments).map(readServer);
  const mark = comments.map(parseMark).find((found) => found !== undefined);
  return { format: 'aspnet', servers, generation: mark?.generation ?? null, at: mark?.at ?? null, upstream: null };
}

function readServer(element: Node): DecodedStatusServer {
  if (!('add' in element)) throw invalid(`<${nameOf(element)}> is not an <add>`);
  const attributes = (element[ATTRIBUTES] ?? {}) as Readonly<Record<string, string | undefined>>;
  const { Host: host = '', Port: port = '', Online: online = '' } = attributes;
  if (host === '') throw invalid('an <add> has no Host');
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw invalid(`${host} has no Port from 1 to 65535`);
  }
  // .NET's own converter takes any case, and the old monitor wrote what Boolean.ToString makes.
  if (!/^(?:true|false)$/i.test(online)) throw invalid(`${host} is neither Online nor not`);
  return { host: readHost(host), port: Number(port), online: online.toLowerCase() === 'true', weight: 1 };
}

/** The nodes inside the one element there, which must have this name. */
function onlyChild(nodes: unknown, name: string, comments: string[]): unknown {
  const [element, ...others] = elementsOf(nodes, comments);
  if (element === undefined || others.length > 0 || !(name in element)) throw invalid(`it has not one <${name}>`);
  return element[name];
}

/** The elements among the nodes; the comments between them are kept aside. */
function elementsOf(nodes: unknown, comments: string[]): readonly Node[] {
  const elements: Node[] = [];
  for (const node of Array.isArray(nodes) ? (nodes as Node[]) : []) {
    const name = nameOf(node);
    if (name === COMMENT) comments.push(textOf(node[COMMENT]));
    else if (name !== TEXT) elements.push(node);
    else if (textOf([node]).trim() !== '') throw invalid('there is text between its elements');
  }
  return elements;
}

function textOf(nodes: unknown): string {
  return (Array.isArray(nodes) ? (nodes as Node[]) : [])
    .map((node) => node[TEXT])
    .filter((text) => typeof text === 'string')
    .join('');
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
}

function invalid(why: string): FleetError {
  return new FleetError('STATUS_FILE_INVALID', `this is no status file in ASP.NET's form: ${why}`);
}
