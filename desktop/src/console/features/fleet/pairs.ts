import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** What one server still owes another one. */
export type Pair =
  | { readonly kind: 'self' }
  /** The source did not answer: its part is not known. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'even' }
  | { readonly kind: 'owes'; readonly files: number; readonly bytes: number; readonly lagSeconds: number };

export interface PairRow {
  readonly source: string;
  /** In the order of the names. */
  readonly pairs: readonly Pair[];
}

/** The matrix of all pairs, rows from, columns to; both in the order of `names`. */
export function pairRows(
  names: readonly string[],
  { groups, silent }: { readonly groups: readonly DeliveryGroup[]; readonly silent: readonly string[] },
  now: number,
): readonly PairRow[] {
  const sums = new Map<string, { files: number; bytes: number; oldestAt: number }>();
  for (const { source, server, count, bytes, oldestQueuedAt } of groups) {
    const key = keyOf(source, server);
    const sum = sums.get(key) ?? { files: 0, bytes: 0, oldestAt: Infinity };
    sums.set(key, {
      files: sum.files + count,
      bytes: sum.bytes + bytes,
      oldestAt: Math.min(sum.oldestAt, oldestQueuedAt),
    });
  }
  return names.map((source) => ({
    source,
    pairs: names.map((server): Pair => {
      if (source === server) return { kind: 'self' };
      if (silent.includes(source)) return { kind: 'unknown' };
      const sum = sums.get(keyOf(source, server));
      if (sum === undefined || sum.files === 0) return { kind: 'even' };
      const { files, bytes, oldestAt } = sum;
      // A server whose clock is ahead would make an age below nothing.
      return { kind: 'owes', files, bytes, lagSeconds: Math.max(0, Math.round((now - oldestAt) / 1000)) };
    }),
  }));
}

function keyOf(source: string, server: string): string {
  return `${source}\n${server}`;
}
