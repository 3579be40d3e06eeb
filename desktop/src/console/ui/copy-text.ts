/** Puts text into the clipboard, also where the page came over plain HTTP; answers whether it is there. */
export async function copyText(text: string): Promise<boolean> {
  // The type says that it is always there; outside of a secure context it is not.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return copyBySelection(text);
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    // The browser does not permit it here.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('aria-hidden', 'true');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  // Deprecated, and the only way that works without a secure context.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way over plain HTTP
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
