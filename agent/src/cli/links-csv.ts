import { writeFileAtomically } from '@imagefleet/shared/node/atomic-file.ts';

/** Excel takes a file for UTF-8 only when it starts with the byte order mark; without it Chinese names are broken. */
const BYTE_ORDER_MARK = '\ufeff';

export interface LinkRow {
  readonly file: string;
  readonly link: string;
}

/** CSV with a header, lines ended by CR LF and fields quoted where needed (RFC 4180). */
export function linksCsv(rows: readonly LinkRow[]): string {
  const lines = [['file', 'link'], ...rows.map(({ file, link }) => [file, link])];
  return BYTE_ORDER_MARK + lines.map((fields) => `${fields.map(quote).join(',')}\r\n`).join('');
}

/** Writes the whole table or nothing. */
export async function writeLinksCsv(file: string, rows: readonly LinkRow[]): Promise<void> {
  await writeFileAtomically(file, linksCsv(rows));
}

function quote(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
