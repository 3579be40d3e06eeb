/** Values in one message; a thousand folders with a hundred patterns are far below. */
const MAX_VALUES = 20_000;
const MAX_DEPTH = 20;

/**
 * Whether what came over the bridge is larger than it may be: more characters in its texts and names than `maxCharacters`,
 * more values or deeper than anything of ours. Bytes and other things that are no plain data count as too large.
 */
export function isTooLarge(value: unknown, maxCharacters: number): boolean {
  let characters = 0;
  let values = 0;
  // By hand and not by recursion: how deep it is was chosen by whoever sent it.
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    values += 1;
    if (values > MAX_VALUES || next.depth > MAX_DEPTH) return true;
    const { value: one, depth } = next;
    if (typeof one === 'string') characters += one.length;
    else if (typeof one === 'object' && one !== null) {
      if (!isPlain(one)) return true;
      const entries = Object.entries(one);
      if (entries.length > MAX_VALUES) return true;
      for (const [name, inner] of entries) {
        characters += Array.isArray(one) ? 0 : name.length;
        open.push({ value: inner, depth: depth + 1 });
      }
    }
    if (characters > maxCharacters) return true;
  }
  return false;
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Of another realm it is not the same Object, and has no prototype of its own above it all the same.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
