import type { Proof } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { saveFile } from './save-file.ts';

/** Lets the browser save a proof as the document that it is. */
export function saveProof(proof: Proof): void {
  saveFile(proofFileName(proof), `${JSON.stringify(proof, null, 2)}\n`, 'application/json');
}

/** `imagefleet-proof-20260309-115900.json`: by the cut-off (UTC), in an order that a folder sorts by, without a colon. */
export function proofFileName({ asOf }: Pick<Proof, 'asOf'>): string {
  const [day = '', time = ''] = asOf.split('T');
  return `imagefleet-proof-${day.replaceAll('-', '')}-${time.replaceAll(':', '').slice(0, 6)}.json`;
}
