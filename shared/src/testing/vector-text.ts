/** Texts in the golden vectors: JSON strings with nothing but ASCII, which .NET's Regex.Unescape reads as well. */
export function encodeVectorText(text: string): string {
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[^ -~]/g, escape);
}

export function decodeVectorText(field: string): string {
  return JSON.parse(field) as string;
}

/** The lines of a vector file as fields; comments and empty lines left out. */
export function vectorRows(content: string): readonly (readonly string[])[] {
  return content
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}
