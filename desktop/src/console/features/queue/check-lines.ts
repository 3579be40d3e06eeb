import { FILE_CLASSES, PASS_REASONS, type FileClass, type PassReason } from '#bridge/engine-words.ts';
import type { CheckReport } from './queue-types.ts';

/** One line of what a look at folders found; those that did not occur are left out. */
export interface CheckLine {
  readonly word: FileClass | PassReason | 'sameName';
  readonly files: number;
  /** Null where they were not read. */
  readonly bytes: number | null;
  /** Names of the first ones. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 10;

/** What becomes of the files, in the order in which it matters. */
export function classLines({ classes, sameName }: CheckReport): readonly CheckLine[] {
  const lines = FILE_CLASSES.map((word) => ({ word, ...classes[word] }));
  const all = [...lines, { word: 'sameName' as const, ...sameName }];
  return all
    .filter(({ files }) => files > 0)
    .map(({ word, files, bytes, examples }) => ({ word, files, bytes, examples: pathsOf(examples) }));
}

export function passedLines({ passedOver }: CheckReport): readonly CheckLine[] {
  return PASS_REASONS.flatMap((word) => {
    const found = passedOver[word];
    return found === undefined ? [] : [{ word, files: found.count, bytes: null, examples: pathsOf(found.examples) }];
  });
}

function pathsOf(examples: readonly { readonly path: string }[]): readonly string[] {
  return examples.slice(0, MAX_EXAMPLES).map(({ path }) => path);
}
