import { withoutSlash } from '../address/without-slash.ts';
/** One thing that is wrong, and where: `['peers', 1, 'url']`. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** `peers[1].url`, as people write a place in a configuration; empty for the whole of it. */
export function formatConfigPath(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${String(part)}]` : index === 0 ? part : `.${part}`))
    .join('');
}

/**
 * The rules between keys of an agent's configuration. They look at the raw value, not at the parsed one, so that they
 * are reported together with what is wrong in single keys; a value of the wrong type is the schema's matter and skipped.
 */
export function brokenConfigRules(raw: unknown): readonly ConfigProblem[] {
  if (!isRecord(raw)) return [];
  const peers = Array.isArray(raw['peers'])
    ? (raw['peers'] as unknown[]).map((peer) => (isRecord(peer) ? peer : {}))
    : [];
  const keys = Array.isArray(raw['keys']) ? (raw['keys'] as unknown[]).map((key) => (isRecord(key) ? key : {})) : [];
  return [
    ...repeated(peers.map((peer) => peer['name'])).map((index) =>
      problem(['peers', index, 'name'], 'is the name of another peer too'),
    ),
    ...repeated(peers.map((peer) => comparableUrl(peer['url']))).map((index) =>
      problem(['peers', index, 'url'], 'is the address of another peer too'),
    ),
    ...repeated(keys.map((key) => key['name'])).map((index) =>
      problem(['keys', index, 'name'], 'is the name of another key too'),
    ),
    ...ownNameAmong(peers, raw['name']),
    ...(Array.isArray(raw['peers']) ? withoutKey(raw['peers']) : []),
    ...(peers.length > 0 && isMissing(raw['securityKey']) && isMissing(raw['peerKey'])
      ? [
          problem(
            ['securityKey'],
            'is missing: with peers a server needs its own key, by which they sign what they send to it',
          ),
        ]
      : []),
  ];
}

function withoutKey(peers: readonly unknown[]): readonly ConfigProblem[] {
  return peers.flatMap((peer, index) =>
    isRecord(peer) && peer['securityKey'] === undefined && peer['peerKey'] === undefined
      ? [problem(['peers', index, 'securityKey'], 'is missing, and so is peerKey')]
      : [],
  );
}

function ownNameAmong(peers: readonly Record<string, unknown>[], own: unknown): readonly ConfigProblem[] {
  const ownName = folded(own);
  if (ownName === undefined) return [];
  return peers.flatMap((peer, index) =>
    folded(peer['name']) === ownName
      ? [problem(['peers', index, 'name'], 'is the name of this server itself; list the other servers only')]
      : [],
  );
}

/** Indexes of the texts that stood before, without regard to case; a list may have ten thousand. */
export function repeated(values: readonly unknown[]): readonly number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const text = folded(value);
    if (text === undefined) return [];
    if (seen.has(text)) return [index];
    seen.add(text);
    return [];
  });
}

/** Text without its case; undefined for what is no text, or empty. */
export function folded(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : undefined;
}

function comparableUrl(value: unknown): unknown {
  return typeof value === 'string' ? withoutSlash(value) : value;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function problem(path: ConfigProblem['path'], message: string): ConfigProblem {
  return { path, message };
}
