import type { XmlElement } from '@imagefleet/shared/node/config-file/xml-file.ts';

/** One `<add key="…" value="…"/>`. */
export interface DictionaryEntry {
  /** As it is written. */
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

export interface XmlDictionary {
  /** In the order of the file. */
  readonly entries: readonly DictionaryEntry[];
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

/**
 * Reads sections as .NET's DictionarySectionHandler and its `appSettings` do: `add`, `remove` and `clear` one after the
 * other, keys without regard to case, of two entries with one key the last.
 */
export function readDictionary(sections: readonly XmlElement[]): XmlDictionary {
  const entries = new Map<string, DictionaryEntry>();
  const problems: { line: number; message: string }[] = [];
  for (const section of sections) {
    if (section.attributes.has('configsource') || section.attributes.has('file')) {
      problems.push({ line: section.line, message: 'is taken from another file; put its entries here' });
    }
    for (const { name, attributes, line } of section.children) {
      const key = attributes.get('key')?.trim();
      const value = attributes.get('value');
      const verb = name.toLowerCase();
      if (verb === 'clear') entries.clear();
      else if (verb !== 'add' && verb !== 'remove') problems.push({ line, message: `<${name}> is no <add>` });
      else if (key === undefined) problems.push({ line, message: `<${name}> has no key` });
      else if (verb === 'remove') entries.delete(key.toLowerCase());
      else if (value === undefined) problems.push({ line, message: `<add> of ${key} has no value` });
      else entries.set(key.toLowerCase(), { key, value, line });
    }
  }
  return { entries: [...entries.values()], problems };
}
