import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';

/** How far a run of verify is, or how it ended. */
export type VerifyProgress =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'running';
      readonly done: number;
      readonly total: number;
      readonly server: string | null;
      readonly brought: number;
    }
  | { readonly kind: 'equal' | 'onTheWay'; readonly at: number; readonly servers: readonly string[] }
  | { readonly kind: 'healed'; readonly at: number; readonly images: number; readonly servers: readonly string[] }
  | { readonly kind: 'differs' | 'silent'; readonly at: number; readonly servers: readonly string[] };

export function verifyProgress(report: VerifyReport): VerifyProgress {
  const { servers, state, finishedAt } = report;
  const brought = servers.reduce((sum, { pulled, pushed }) => sum + pulled + pushed, 0);
  if (state === 'waiting') return { kind: 'waiting' };
  if (state === 'running' || finishedAt === null) {
    const done = servers.filter((one) => one.state !== 'waiting' && one.state !== 'running').length;
    const current = servers.find((one) => one.state === 'running')?.server ?? null;
    return { kind: 'running', done, total: servers.length, server: current, brought };
  }
  const namesOf = (wanted: string): string[] =>
    servers.filter((one) => one.state === wanted).map(({ server }) => server);
  // The worst is told; the report itself has the rest.
  for (const kind of ['differs', 'silent'] as const) {
    const names = namesOf(kind);
    if (names.length > 0) return { kind, at: finishedAt, servers: names };
  }
  const all = servers.map(({ server }) => server);
  const images = brought + (report.copies?.restored ?? 0);
  if (namesOf('onTheWay').length > 0) return { kind: 'onTheWay', at: finishedAt, servers: all };
  return { ...(images > 0 ? { kind: 'healed', images } : { kind: 'equal' }), at: finishedAt, servers: all };
}
