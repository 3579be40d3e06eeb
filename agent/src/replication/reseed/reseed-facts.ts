import type { Fact } from '#store/catalog.ts';
import type { IdentityCase } from '#store/identity.ts';

/** What is still to be done, as it is remembered from one start to the next. */
export const FILES_DUE = 'reseed.files';
export const RECORDS_DUE = 'reseed.records';
export const DUE = 'due';

/** A lost or old image folder: the records are there, their files are looked for. A fresh catalog: everything is. */
export function reseedFacts(found: IdentityCase): readonly Fact[] {
  if (found === 'imagesLost' || found === 'imagesOld') return [{ name: FILES_DUE, value: DUE }];
  if (found === 'fresh') return [{ name: RECORDS_DUE, value: DUE }];
  return [];
}
