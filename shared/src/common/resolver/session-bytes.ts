const WHITE_SPACE = /[ \t\n\r]/g;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** A text of this length and more is no session id; it must not cost more than a look. */
const MAX_TEXT_LENGTH = 65_536;

/**
 * What .NET's `BitConverter.ToInt32(Convert.FromBase64String(text), 0)` answers, as an int32; undefined where it throws:
 * white space counts for nothing, what is left must be whole groups of four with at most two `=` at the end, and at
 * least four bytes must come out. Bits of the last group that belong to no byte are ignored, as .NET does.
 */
export function firstInt32OfBase64(text: string): number | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const digits = text.replace(WHITE_SPACE, '');
  if (!BASE64.test(digits)) return undefined;
  // Fewer digits are three bytes at most; two whole groups are four at least, whatever padding the second one has.
  if (digits.length < 8) return undefined;
  const first = groupBits(digits, 0);
  const second = groupBits(digits, 4);
  const bytes = [first >>> 16, (first >>> 8) & 0xff, first & 0xff, second >>> 16];
  return bytes.reduceRight((value, byte) => (value << 8) | byte, 0);
}

/** 24 bits of four digits; a digit that is padding counts as 0. */
function groupBits(digits: string, start: number): number {
  let bits = 0;
  for (let index = start; index < start + 4; index += 1) {
    bits = (bits << 6) | Math.max(0, ALPHABET.indexOf(digits[index] ?? '='));
  }
  return bits;
}
