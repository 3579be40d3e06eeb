import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashText } from '@imagefleet/shared/common/resolver/key-hash.ts';
import { createResolver } from '@imagefleet/shared/common/resolver/rendezvous.ts';
import { encodeVectorText } from '@imagefleet/shared/testing/vector-text.ts';
import { legacyIds } from './vectors/legacy-ids.ts';
import { rendezvousKeys, rendezvousSets } from './vectors/rendezvous-cases.ts';

const FOLDER = join(import.meta.dirname, '../shared/vectors');
const PROGRAM = join(import.meta.dirname, 'vectors/LegacyVectors.cs');

const LEGACY_HEAD = `# What the old PartitionResolver answers, made by scripts/vectors/LegacyVectors.cs under Mono.
# id: a session id as a JSON string. servers: how many, which are online (1) in the order of the file, and for each
# id in the order above the index of the answered server, or - for the bare "tcpip=".
`;
const RENDEZVOUS_HEAD = `# The rendezvous mode, made by shared/src/common/resolver in TypeScript; other languages must answer the same.
# key: a key as a JSON string, and its hash. server: set, host, port, online (1 or 0), weight, in the order of the file.
# answers: set, and for each key in the order above the indices of its candidates, the first server of an address
# standing for it, or - when nobody is online.
`;

/** The rows of shared/vectors/rendezvous.tsv. */
export function rendezvousVectors(): string {
  const keys = rendezvousKeys();
  const rows = keys.map((key) => ['key', encodeVectorText(key), String(hashText(key))]);
  for (const [name, servers] of Object.entries(rendezvousSets())) {
    for (const { host, port, online, weight } of servers) {
      rows.push(['server', name, encodeVectorText(host), String(port), online ? '1' : '0', String(weight)]);
    }
    const resolver = createResolver(servers);
    const addresses = servers.map(formatHostPort);
    const answers = keys.map((key) => resolver.resolve(key).map((to) => addresses.indexOf(formatHostPort(to))));
    rows.push(['answers', name, ...answers.map((indices) => (indices.length === 0 ? '-' : indices.join(' ')))]);
  }
  return RENDEZVOUS_HEAD + rows.map((row) => `${row.join('\t')}\n`).join('');
}

/** The rows of shared/vectors/legacy.tsv, answered by a C# program under Mono. */
export function legacyVectors(): string {
  const ids = legacyIds().map(encodeVectorText);
  const folder = mkdtempSync(join(tmpdir(), 'imagefleet-vectors-'));
  try {
    const program = join(folder, 'LegacyVectors.exe');
    execFileSync('mcs', [`-out:${program}`, PROGRAM]);
    // Without the quotes: what is between them is what Regex.Unescape reads.
    const input = ids.map((id) => `${id.slice(1, -1)}\n`).join('');
    const rows = execFileSync('mono', [program], { input, encoding: 'utf8' });
    return LEGACY_HEAD + ids.map((id) => `id\t${id}\n`).join('') + rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'rendezvous.tsv'), rendezvousVectors());
  writeFileSync(join(FOLDER, 'legacy.tsv'), legacyVectors());
}
