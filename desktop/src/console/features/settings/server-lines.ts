export const MAX_SERVERS = 20;

export type ServerLines =
  | { readonly servers: readonly string[] }
  | { readonly problem: 'noServer' | 'tooMany' }
  | { readonly problem: 'notAnAddress'; readonly line: string };

/** Addresses as somebody typed them, one a line; what is no address of a server is named. */
export function readServerLines(text: string): ServerLines {
  const lines = text.split(/[\n,;]/).map((line) => line.trim());
  const servers = [...new Set(lines.filter((line) => line !== ''))];
  if (servers.length === 0) return { problem: 'noServer' };
  if (servers.length > MAX_SERVERS) return { problem: 'tooMany' };
  const line = servers.find((one) => !isAddress(one));
  return line === undefined ? { servers } : { problem: 'notAnAddress', line };
}

function isAddress(line: string): boolean {
  if (!URL.canParse(line)) return false;
  const { protocol, hostname } = new URL(line);
  return (protocol === 'http:' || protocol === 'https:') && hostname !== '';
}
