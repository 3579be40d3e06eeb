/**
 * The headers of multipart parts, made readable for a strict parser. Old clients write what RFC 7578 forbids: .NET's
 * WebClient leaves double quotes in a file name unescaped, Internet Explorer sends whole paths with back-slashes, pages
 * in GBK send names in GBK. A strict parser drops such a part without a word, which would lose an image.
 */
const HEADER_END = Buffer.from('\r\n\r\n');
const CR = 13;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_LINE_LENGTH = 4096;
const MAX_NAME_LENGTH = 1000;
const NAME_PREFIX = 'n.';

/** The boundary in a Content-Type; undefined when there is none. */
export function boundaryOf(contentType: string): string | undefined {
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** Goes over the stream chunk by chunk and rewrites each part's Content-Disposition; bodies pass through as they are. */
export class PartNameRewriter {
  readonly #delimiter: Buffer;
  #carry: Buffer = Buffer.from('\r\n');
  /** The first delimiter has no line break before it; one is lent to it and taken back. */
  #lent = 2;
  #isInHeader = false;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** Bytes that may go on, in order. What could be the beginning of a delimiter or header waits for the next chunk. */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    let data = this.#carry.length === 0 ? chunk : this.#afterCarry(chunk, out);
    while (data.length > 0) {
      const consumed = this.#isInHeader ? this.#header(data, out) : this.#body(data, out);
      data = data.subarray(consumed);
      if (consumed === 0) break;
    }
    this.#carry = data;
    return this.#takeBack(out);
  }

  /** Puts what waited before the chunk. A stream that begins with a delimiter, as nearly all do, is spared the copy. */
  #afterCarry(chunk: Buffer, out: Buffer[]): Buffer {
    const opening = this.#delimiter.subarray(2);
    const isOpening = this.#lent === 2 && chunk.length > opening.length && chunk.indexOf(opening) === 0;
    if (!isOpening) return Buffer.concat([this.#carry, chunk]);
    this.#lent = 0;
    this.#isInHeader = chunk[opening.length] === CR;
    out.push(chunk.subarray(0, opening.length));
    return chunk.subarray(opening.length);
  }

  /** What still waits when the stream has ended. */
  end(): Buffer[] {
    const rest = this.#carry;
    this.#carry = Buffer.alloc(0);
    return this.#takeBack(rest.length === 0 ? [] : [rest]);
  }

  #body(data: Buffer, out: Buffer[]): number {
    const found = data.indexOf(this.#delimiter);
    const end = found + this.#delimiter.length;
    if (found >= 0) {
      if (data.length < end + 2) {
        if (found > 0) out.push(data.subarray(0, found));
        return found;
      }
      this.#isInHeader = data[end] === CR;
      out.push(data.subarray(0, end));
      return end;
    }
    const held = data.indexOf(CR, Math.max(0, data.length - this.#delimiter.length + 1));
    const passed = held < 0 ? data.length : held;
    if (passed > 0) out.push(data.subarray(0, passed));
    return passed;
  }

  #header(data: Buffer, out: Buffer[]): number {
    const found = data.indexOf(HEADER_END);
    if (found < 0 && data.length < MAX_HEADER_BYTES) return 0;
    this.#isInHeader = false;
    // Longer than any header: the parser refuses it.
    if (found < 0) return 0;
    out.push(rewriteHeader(data.subarray(0, found)), HEADER_END);
    return found + HEADER_END.length;
  }

  #takeBack(out: Buffer[]): Buffer[] {
    while (this.#lent > 0) {
      const first = out[0];
      if (first === undefined) break;
      const taken = Math.min(this.#lent, first.length);
      this.#lent -= taken;
      if (taken === first.length) out.shift();
      else out[0] = first.subarray(taken);
    }
    return out;
  }
}

function rewriteHeader(header: Buffer): Buffer {
  const lines = header.toString('latin1').split('\r\n');
  const rewritten = lines.map((line) => {
    if (line.length > MAX_LINE_LENGTH || !/^content-disposition:\s*form-data/i.test(line)) return line;
    const text = decodeText(Buffer.from(line, 'latin1'));
    const name = parameter(text, 'name') ?? 'file';
    const fileName = extendedFileName(text) ?? parameter(text, 'filename');
    const safeName = name.replaceAll(/["\\\r\n]/g, '_');
    if (fileName === undefined || fileName === '') {
      return `Content-Disposition: form-data; name="${safeName}"${fileName === '' ? '; filename=""' : ''}`;
    }
    return `Content-Disposition: form-data; name="${safeName}"; filename="${packName(fileName)}"`;
  });
  return Buffer.from(rewritten.join('\r\n'), 'utf8');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const PARAMETERS = { name: parameterPatterns('name'), filename: parameterPatterns('filename') } as const;

function parameterPatterns(name: string): { readonly quoted: RegExp; readonly bare: RegExp } {
  return {
    quoted: new RegExp(`;\\s*${name}\\s*=\\s*"(.*?)"\\s*(?:;\\s*[\\w-]+\\*?\\s*=|;?\\s*$)`, 'is'),
    bare: new RegExp(`;\\s*${name}\\s*=\\s*([^";][^;]*)`, 'i'),
  };
}

/** A parameter's value. An unescaped quote inside counts as text unless another parameter or the line's end follows it. */
function parameter(line: string, name: keyof typeof PARAMETERS): string | undefined {
  const quoted = PARAMETERS[name].quoted.exec(line);
  if (quoted?.[1] !== undefined)
    return quoted[1]
      .replaceAll('\\"', '"')
      .replaceAll(/%22/g, '"')
      .replaceAll(/%0[AD]/gi, ' ');
  return PARAMETERS[name].bare.exec(line)?.[1]?.trim();
}

/** RFC 5987: `filename*=utf-8''%e4%bd%a0.jpg`; undefined when absent or broken. */
function extendedFileName(line: string): string | undefined {
  const encoded = /;\s*filename\*\s*=\s*"?utf-8'[^']*'([^";]*)/i.exec(line)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded.trim());
  } catch {
    // A broken escape only costs the better spelling; the plain parameter is read instead.
    return undefined;
  }
}

function decodeText(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // No UTF-8: pages of that age that are not UTF-8 are Chinese Windows' own code page.
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** Packed so that nothing on the way to the storage engine can take offence at it. */
function packName(name: string): string {
  return NAME_PREFIX + Buffer.from(name.slice(0, MAX_NAME_LENGTH), 'utf8').toString('base64url');
}

/** The name as sent, without folders and control characters. */
export function unpackName(packed: string): string {
  const raw = packed.startsWith(NAME_PREFIX)
    ? Buffer.from(packed.slice(NAME_PREFIX.length), 'base64url').toString('utf8')
    : packed;
  const base = raw.slice(Math.max(raw.lastIndexOf('/'), raw.lastIndexOf('\\')) + 1);
  return base
    .replaceAll(/\p{Cc}/gu, '')
    .normalize('NFC')
    .slice(0, 255);
}
