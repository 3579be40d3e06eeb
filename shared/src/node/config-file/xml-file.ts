import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { decodeText, readConfigBytes } from './config-text.ts';

/** One element of an XML file. Names keep their case; `attribute` does not look at it. */
export interface XmlElement {
  readonly name: string;
  /** By name in lower case. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** From 1. */
  readonly line: number;
}

export type XmlFile =
  | { readonly root: XmlElement }
  /** One whole line, with the place. */
  | { readonly problem: string };

const ATTRIBUTES = ':@';
/** Its type says `Symbol`, the object, for what is the primitive. */
const METADATA = XMLParser.getMetaDataSymbol() as symbol;
const MAX_DEPTH = 100;

/** Reads an XML file in its own encoding. Throws CFG_UNREADABLE when the file cannot be read. */
export async function readXmlFile(file: string): Promise<XmlFile> {
  const bytes = await readConfigBytes(file);
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1'),
  )?.[1];
  const text = decodeText(bytes, declared);
  if (text === undefined) {
    return {
      problem: `${file}: is not text in ${declared ?? 'UTF-8'}; save it as UTF-8, or declare its encoding in the first line`,
    };
  }
  return parseXml(text, file);
}

function parseXml(text: string, file: string): XmlFile {
  // Its successor, a package of its own, brings an engine for business rules along; this function stays in version 5.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const validity = XMLValidator.validate(text);
  if (validity !== true) {
    const { line, col, msg } = validity.err;
    return { problem: `${file}:${String(line)}:${String(col || 1)}: is not well-formed XML: ${msg}` };
  }
  // Entities of a document's own are no part of any configuration, and a known way to attack parsers.
  if (/<!DOCTYPE/i.test(text.replace(/<!--[\s\S]*?-->/g, '')))
    return { problem: `${file}: must not contain a DOCTYPE` };
  try {
    const nodes = parser().parse(text) as unknown;
    const [root, ...others] = elementsIn(nodes, lineIndex(text), 0);
    return root === undefined || others.length > 0 ? { problem: `${file}: must have one root element` } : { root };
  } catch (error) {
    return { problem: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function parser(): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    captureMetaData: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    parseTagValue: false,
    // Numeric entities (&#20013;) hang on this option too.
    htmlEntities: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
}

function elementsIn(nodes: unknown, lineAt: (offset: number) => number, depth: number): readonly XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  if (depth > MAX_DEPTH) throw new Error('elements are nested too deep');
  return (nodes as Record<string | symbol, unknown>[]).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== '#text');
    if (name === undefined) return [];
    const attributes = Object.entries((node[ATTRIBUTES] ?? {}) as Record<string, string>);
    const metadata = node[METADATA] as { readonly startIndex?: number } | undefined;
    return {
      name,
      attributes: new Map(attributes.map(([key, value]) => [key.toLowerCase(), value])),
      children: elementsIn(node[name], lineAt, depth + 1),
      line: lineAt(metadata?.startIndex ?? 0),
    };
  });
}

/** A file may have ten thousand elements, so the ends of lines are looked for once. */
function lineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
