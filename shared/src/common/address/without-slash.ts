/** An address without the slashes at its end, so that a path can follow it. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
