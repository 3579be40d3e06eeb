import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvableServer } from '#common/resolver/resolvable-server.ts';
import { decodeVectorText, vectorRows } from './vector-text.ts';

/** The golden vectors that all languages must agree on; `scripts/resolver-vectors.ts` makes them and tells their form. */
const FOLDER = join(import.meta.dirname, '../../vectors');

export interface LegacyVectors {
  readonly ids: readonly string[];
  /** For each number of servers and each set of them that is online: the index answered to each id, or null. */
  readonly cases: readonly { readonly online: readonly boolean[]; readonly answers: readonly (number | null)[] }[];
}

export interface RendezvousVectors {
  readonly keys: readonly { readonly key: string; readonly hash: number }[];
  /** For each set of servers the indices of the candidates of each key. */
  readonly sets: readonly RendezvousSet[];
}

export interface RendezvousSet {
  readonly name: string;
  readonly servers: readonly ResolvableServer[];
  readonly answers: readonly (readonly number[])[];
}

export function readLegacyVectors(): LegacyVectors {
  const rows = readRows('legacy.tsv');
  return {
    ids: rows.filter(([kind]) => kind === 'id').map(([, id = '']) => decodeVectorText(id)),
    cases: rows
      .filter(([kind]) => kind === 'servers')
      .map(([, , online = '', answers = '']) => ({
        online: online === '-' ? [] : Array.from(online, (flag) => flag === '1'),
        answers: Array.from(answers, (index) => (index === '-' ? null : Number(index))),
      })),
  };
}

export function readRendezvousVectors(): RendezvousVectors {
  const rows = readRows('rendezvous.tsv');
  return {
    keys: rows
      .filter(([kind]) => kind === 'key')
      .map(([, key = '', hash]) => ({ key: decodeVectorText(key), hash: Number(hash) })),
    sets: rows
      .filter(([kind]) => kind === 'answers')
      .map(([, name = '', ...answers]) => ({
        name,
        servers: rows.filter(([kind, set]) => kind === 'server' && set === name).map(serverOf),
        answers: answers.map((indices) => (indices === '-' ? [] : indices.split(' ').map(Number))),
      })),
  };
}

function serverOf([, , host = '', port, online, weight]: readonly string[]): ResolvableServer {
  return { host: decodeVectorText(host), port: Number(port), online: online === '1', weight: Number(weight) };
}

function readRows(name: string): readonly (readonly string[])[] {
  return vectorRows(readFileSync(join(FOLDER, name), 'utf8'));
}
