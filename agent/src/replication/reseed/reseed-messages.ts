import { z } from 'zod';
import { entrySchema } from '../batch-manifest.ts';

/** The questions of a server that lacks images, as they go over the wire, and their answers. */
export const FIND_PATH = '/peer/v1/find';
export const KNOWN_PATH = '/peer/v1/known';

export const findQuestion = z.object({ path: z.string() });
export const findAnswer = z.object({
  record: entrySchema.nullable(),
  /** The bytes of exactly this record are on the disk of the server that answers. */
  hasCopy: z.boolean(),
});
export const knownAnswer = z.object({
  /** Ids under which the server that asks has been seen, the newest last. */
  ids: z.array(z.string().max(100)).max(100),
  /** False while the one who answers lacks records itself: what it does not know may exist all the same. */
  hasWholeCatalog: z.boolean().default(true),
});
export type Known = z.infer<typeof knownAnswer>;

/** What one server has under a path. */
export type Whereabouts = z.infer<typeof findAnswer>;
