import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Longer lines are no keys; an endless one must not fill the memory. */
const MAX_LINE_CHARACTERS = 65_536;

/**
 * The lines of a text that comes in pieces, as one batch for each piece, so that a million of them cost no waiting each.
 * Lines end with \n or \r\n; an empty line is an empty key; the end of the last line may be missing. Throws
 * INPUT_INVALID at a line that is too long.
 */
export async function* keyLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let lineCount = 0;
  for await (const bytes of input) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    checkLength([...lines, rest], lineCount);
    lineCount += lines.length;
    if (lines.length > 0) yield lines.map(withoutReturn);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function checkLength(lines: readonly string[], before: number): void {
  const index = lines.findIndex((line) => line.length > MAX_LINE_CHARACTERS);
  if (index < 0) return;
  const place = String(before + index + 1);
  throw new FleetError('INPUT_INVALID', `Line ${place} of the keys is longer than ${MAX_LINE_CHARACTERS} characters.`);
}
