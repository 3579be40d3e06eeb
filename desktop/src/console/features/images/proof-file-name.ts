import type { Proof } from '@imagefleet/shared/common/operator/repair-schemas.ts';

/** `imagefleet-proof-20260309-115900.json`: by the cut-off (UTC), in an order that a folder sorts by, without a colon. */
export function proofFileName({ asOf }: Pick<Proof, 'asOf'>): string {
  const [day = '', time = ''] = asOf.split('T');
  return `imagefleet-proof-${day.replaceAll('-', '')}-${time.replaceAll(':', '').slice(0, 6)}.json`;
}
