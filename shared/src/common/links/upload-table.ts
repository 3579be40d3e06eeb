/** A file of an upload as a row tells it, whatever became of it. */
export interface UploadRow {
  /** As it was added, with its folders. */
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly state: string;
  readonly sha256: string | null;
  readonly image: { readonly path: string; readonly link: string } | null;
  readonly failure: { readonly code: string } | null;
}

/** Without it Excel reads Chinese names as Latin ones. */
const BYTE_ORDER_MARK = '\ufeff';
/** Spreadsheets run cells that begin so as formulas (OWASP, "CSV Injection"); names come from anybody. */
const FORMULA = /^[=+\-@\t\r]/;

/** What a table of an upload (CSV, RFC 4180) begins with: the mark of its encoding and the names of its columns. */
export const UPLOAD_TABLE_START =
  BYTE_ORDER_MARK + lineOf(['path', 'name', 'sizeBytes', 'state', 'link', 'imagePath', 'sha256', 'error']);

/** The line of one file in that table, with its end. */
export function uploadTableLine({ path, name, sizeBytes, state, sha256, image, failure }: UploadRow): string {
  const fleet = [image?.link ?? '', image?.path ?? '', sha256 ?? ''];
  return lineOf([path, name, String(sizeBytes), state, ...fleet, failure?.code ?? '']);
}

function lineOf(texts: readonly string[]): string {
  return `${texts.map(cell).join(',')}\r\n`;
}

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
