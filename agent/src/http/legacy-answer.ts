import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** The two forms in which do.ashx answers. The shapes are read by programs of 2014: not a byte may be added. */
export type LegacyFormat = 'xml' | 'json';

export interface LegacyAnswer {
  readonly type: string;
  readonly body: string;
}

const TYPES: Readonly<Record<LegacyFormat, string>> = {
  xml: 'text/xml; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** Reads `format`; xml when absent. Throws FORMAT_UNKNOWN. */
export function parseLegacyFormat(format: string | undefined): LegacyFormat {
  const wanted = (format ?? '').toLowerCase();
  if (wanted === '' || wanted === 'xml') return 'xml';
  if (wanted === 'json') return 'json';
  throw new FleetError('FORMAT_UNKNOWN', 'The format asked for is neither xml nor json.');
}

export function uploadAnswer(format: LegacyFormat, links: readonly string[]): LegacyAnswer {
  if (format === 'json') {
    const resp = links.length === 1 ? { success: 1, link: links[0] } : { success: 1, link: links[0], links };
    return json({ resp });
  }
  return xml(`<success>1</success>${links.map((link) => `<link>${escapeXml(link)}</link>`).join('')}`);
}

export function replayAnswer(
  format: LegacyFormat,
  counts: { readonly replayed: number; readonly remaining: number },
): LegacyAnswer {
  const { replayed, remaining } = counts;
  if (format === 'json') return json({ resp: { success: 1, replayed, remaining } });
  return xml(`<success>1</success><replayed>${String(replayed)}</replayed><remaining>${String(remaining)}</remaining>`);
}

export function refusalAnswer(format: LegacyFormat, error: FleetError): LegacyAnswer {
  const { code, message } = error;
  if (format === 'json') return json({ resp: { success: 0, error: { code, message } } });
  return xml(`<success>0</success><error code="${code}">${escapeXml(message)}</error>`);
}

function json(value: object): LegacyAnswer {
  return { type: TYPES.json, body: JSON.stringify(value) };
}

function xml(inner: string): LegacyAnswer {
  return { type: TYPES.xml, body: `<resp>${inner}</resp>` };
}

/** Characters that XML 1.0 has no way to write. */
const NOT_IN_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function escapeXml(text: string): string {
  return text.replaceAll(NOT_IN_XML, '').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
