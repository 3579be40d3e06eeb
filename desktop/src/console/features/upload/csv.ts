import type { UploadItem } from './upload-item.ts';

/** Without it Excel reads Chinese names as Latin ones. */
const BYTE_ORDER_MARK = '\ufeff';
/** Spreadsheets run cells that begin so as formulas (OWASP, "CSV Injection"); names come from anybody. */
const FORMULA = /^[=+\-@\t\r]/;
const HEADER = ['path', 'name', 'sizeBytes', 'state', 'link', 'imagePath', 'sha256', 'error'];

/** Every file of the queue as a table (RFC 4180), whatever became of it. */
export function csvOf(items: Iterable<UploadItem>): string {
  const rows = [HEADER];
  for (const item of items) rows.push(rowOf(item));
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function rowOf({ path, name, sizeBytes, state, image, sha256, failure }: UploadItem): string[] {
  return [
    ...[path, name, String(sizeBytes), state, image?.link ?? '', image?.path ?? '', sha256 ?? ''],
    failure?.code ?? '',
  ];
}

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
