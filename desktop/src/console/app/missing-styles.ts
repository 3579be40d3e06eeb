/**
 * Asks again for the style sheets that did not come. Those of a page are asked for with its script; the helper that Vite puts
 * into the build asks once and never again, and the page would stand there without them.
 */
export async function bringMissingStyles(page: Document): Promise<void> {
  const links = [...page.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')];
  const there = new Set(links.filter(({ sheet }) => sheet !== null).map(({ href }) => href));
  await Promise.all(links.filter(({ href }) => !there.has(href)).map(askAgain));
}

/** Fails when it does not come this time either. The first link stays: somebody may still wait for it. */
function askAgain(link: HTMLLinkElement): Promise<void> {
  const again = link.cloneNode() as HTMLLinkElement;
  return new Promise((resolve, reject) => {
    again.addEventListener('load', () => resolve());
    again.addEventListener('error', () => reject(new Error(`${again.href} did not come`)));
    link.after(again);
  });
}
