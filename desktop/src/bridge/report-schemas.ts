import { FILE_CLASSES, PASS_REASONS, type FileClass } from '#bridge/engine-words.ts';
import { z } from 'zod';
import { uploadLimits } from '@imagefleet/shared/common/operator/operator-schemas.ts';

const count = z.int().nonnegative();
const tally = { files: count, bytes: count };
const reason = z.enum(PASS_REASONS);

const judgedFile = z.object({
  file: z.string(),
  path: z.string(),
  sizeBytes: count,
  class: z.enum(FILE_CLASSES),
  image: z.object({ path: z.string(), link: z.string() }).nullable(),
  hasSameName: z.boolean(),
});
const classReport = z.object({ ...tally, examples: z.array(judgedFile) });

/** What an upload would do (DryRunReport). */
export const dryRunReport = z.object({
  classes: z.object(
    Object.fromEntries(FILE_CLASSES.map((one) => [one, classReport])) as Record<FileClass, typeof classReport>,
  ),
  sameName: classReport,
  passedOver: z.partialRecord(
    reason,
    z.object({ count, examples: z.array(z.object({ file: z.string(), path: z.string(), reason })) }),
  ),
  toSend: z.object(tally),
  forecastSeconds: z.number().nullable(),
  limits: uploadLimits.nullable(),
  history: z.object({ files: count, isWhole: z.boolean() }),
  hasAllTwins: z.boolean(),
});
