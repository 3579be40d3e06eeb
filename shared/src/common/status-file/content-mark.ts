import { formatHostPort } from '../address/server-address.ts';
import { type StatusContent } from './status-content.ts';

/** What the comment of a form tells that has no field of its own for it. */
export interface ContentMark {
  readonly generation: number;
  /** Epoch milliseconds; null where a hand has spoilt it. */
  readonly at: number | null;
}

const PATTERN = /\bimagefleet; generation (\d{1,16})(?:; (\S{1,40}))?/;

/**
 * The text of that comment, without the comment's own signs. Two files with equal hashes say the same, whatever their
 * forms: so that people can compare them at a glance.
 */
export function formatMark(content: StatusContent): string {
  const generation = String(content.generation);
  return `Written by imagefleet; generation ${generation}; ${new Date(content.at).toISOString()}; hash ${hashOf(content)}`;
}

/** Reads it back from any text around it; undefined when it is not there. */
export function parseMark(text: string): ContentMark | undefined {
  const [, digits, time = ''] = PATTERN.exec(text) ?? [];
  const generation = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(generation)) return undefined;
  const at = Date.parse(time.replace(/;$/, ''));
  return { generation, at: Number.isNaN(at) ? null : at };
}

/** FNV-1a with 32 bits (draft-eastlake-fnv) over the UTF-16 units of the lines; tells slips apart, not forgers. */
function hashOf({ servers }: StatusContent): string {
  let hash = 0x811c9dc5;
  for (const server of servers) {
    const line = `${formatHostPort(server)} ${server.online ? '1' : '0'}\n`;
    for (let index = 0; index < line.length; index += 1) {
      hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
