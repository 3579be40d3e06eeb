/** Lets the browser save text as a file under a name. */
export function saveFile(name: string, text: string, mediaType: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The download has taken what it needs once this turn is over.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
