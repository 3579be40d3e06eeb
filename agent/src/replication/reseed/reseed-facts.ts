import type { Fact } from '#store/catalog.ts';
import type { IdentityCase } from '#store/identity.ts';

/** What is still to be done, as it is remembered from one start to the next. */
export const FILES_DUE = 'reseed.files';
export const NAMED_DUE = 'reseed.named';
export const RECORDS_DUE = 'reseed.records';
export const DUE = 'due';

/**
 * A lost image folder: the records are there, their files are looked for. An old one: besides, the files of named images
 * may be older than their records. A fresh catalog: everything is looked for.
 */
export function reseedFacts(found: IdentityCase): readonly Fact[] {
  if (found === 'imagesLost') return [{ name: FILES_DUE, value: DUE }];
  if (found === 'imagesOld') return [NAMED_DUE, FILES_DUE].map((name) => ({ name, value: DUE }));
  if (found === 'fresh') return [{ name: RECORDS_DUE, value: DUE }];
  return [];
}
