/** The browser may read from the address for a moment after the click. */
const KEEP_MS = 60_000;

/** Gives a file to the operator as a download. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}
