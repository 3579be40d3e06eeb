import { dirname } from 'node:path';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { formatConfigPath } from '@imagefleet/shared/common/config/config-rules.ts';
import type { ConfigPath, ConfigSource } from './config-source.ts';
import { decodeText, readConfigBytes } from '@imagefleet/shared/node/config-file/config-text.ts';

/**
 * Reads a configuration in YAML 1.2, of which JSON is a part. Throws CFG_UNREADABLE when the file cannot be read, and
 * CFG_INVALID with line and column of every error of syntax.
 */
export async function readYamlConfig(file: string): Promise<ConfigSource> {
  const text = decodeText(await readConfigBytes(file));
  if (text === undefined) throw new FleetError('CFG_INVALID', `${file} is not UTF-8 text.`);
  const lineCounter = new LineCounter();
  // Pretty errors would quote lines of the file, and with them keys.
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lines = [...document.errors, ...document.warnings].map(({ pos, message }) => {
    const { line, col } = lineCounter.linePos(pos[0]);
    return `${file}:${String(line)}:${String(col)}: ${message}`;
  });
  if (lines.length > 0) throw new FleetError('CFG_INVALID', [`${file} is not valid YAML:`, ...lines].join('\n  '));
  return {
    file,
    folder: dirname(file),
    raw: toValue(document, file),
    problems: [],
    warnings: [],
    locate: (path) => ({ origin: file, line: lineOf(document, lineCounter, path), label: formatConfigPath(path) }),
  };
}

/** An empty file is a configuration without settings, so that what it lacks is listed. */
function toValue(document: Document.Parsed, file: string): unknown {
  try {
    return (document.toJS() as unknown) ?? {};
  } catch (error) {
    // Aliases that multiply, or lead nowhere.
    throw new FleetError('CFG_INVALID', `${file} is not valid YAML: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
}

/** The line of the setting, or of the nearest one around it that is there. */
function lineOf(document: Document.Parsed, lineCounter: LineCounter, path: ConfigPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      offset = isNode(pair.key) ? pair.key.range?.[0] : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      const item = node.items[part];
      if (!isNode(item)) break;
      offset = item.range?.[0];
      node = item;
    } else break;
  }
  return offset === undefined ? undefined : lineCounter.linePos(offset).line;
}
