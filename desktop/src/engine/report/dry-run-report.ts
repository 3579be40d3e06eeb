import type { UploadLimits } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { ItemImage } from '#engine/queue/queue-item.ts';
import { FILE_CLASSES, type FileClass, type PassReason } from '#bridge/engine-words.ts';
import type { PassedOver } from '#engine/scan/scan-output.ts';

export interface JudgedFile {
  /** Absolute. */
  readonly file: string;
  /** As in FoundFile. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly class: FileClass;
  /** Where the fleet has these bytes; null but for `present`. */
  readonly image: ItemImage | null;
  /** Of a `new` one: an image of the same name and other bytes is known. It goes out all the same. */
  readonly hasSameName: boolean;
}

export interface FileTally {
  readonly files: number;
  readonly bytes: number;
}

export interface ClassReport extends FileTally {
  /** The first ones, MAX_EXAMPLES at most. */
  readonly examples: readonly JudgedFile[];
}

export interface PassedOverReport {
  readonly count: number;
  readonly examples: readonly PassedOver[];
}

export interface DryRunReport {
  readonly classes: Readonly<Record<FileClass, ClassReport>>;
  /** Those of `new` with `hasSameName`; each is counted there too. */
  readonly sameName: ClassReport;
  /** What the scan did not take, by its reasons; those that did not occur are missing. */
  readonly passedOver: Readonly<Partial<Record<PassReason, PassedOverReport>>>;
  readonly toSend: FileTally;
  /** How long that would take; null without a measured rate. */
  readonly forecastSeconds: number | null;
  /** Of the server that was asked last; null when it does not tell, and then nothing is `tooLarge`. */
  readonly limits: UploadLimits | null;
  /** How much of the queue `alreadyQueued` and `sameName` rest on. */
  readonly history: { readonly files: number; readonly isWhole: boolean };
  /** False: there were too many new files to keep, so some of `new` and `toSend` may be twins. */
  readonly hasAllTwins: boolean;
}

export const MAX_EXAMPLES = 100;

class ClassTally {
  files = 0;
  bytes = 0;
  readonly examples: JudgedFile[] = [];

  add(file: JudgedFile): void {
    this.files += 1;
    this.bytes += file.sizeBytes;
    if (this.examples.length < MAX_EXAMPLES) this.examples.push(file);
  }

  report(): ClassReport {
    return { files: this.files, bytes: this.bytes, examples: [...this.examples] };
  }
}

/** Counts what a dry run found; keeps examples and no more. */
export class DryRunTally {
  readonly #classes = Object.fromEntries(FILE_CLASSES.map((one) => [one, new ClassTally()])) as Record<
    FileClass,
    ClassTally
  >;
  readonly #sameName = new ClassTally();
  readonly #passedOver = new Map<PassReason, { count: number; readonly examples: PassedOver[] }>();
  #passedOverCount = 0;

  add(files: readonly JudgedFile[]): void {
    for (const file of files) {
      this.#classes[file.class].add(file);
      if (file.hasSameName) this.#sameName.add(file);
    }
  }

  pass(passedOver: readonly PassedOver[]): void {
    this.#passedOverCount += passedOver.length;
    for (const one of passedOver) {
      let reason = this.#passedOver.get(one.reason);
      if (reason === undefined) this.#passedOver.set(one.reason, (reason = { count: 0, examples: [] }));
      reason.count += 1;
      if (reason.examples.length < MAX_EXAMPLES) reason.examples.push(one);
    }
  }

  get passedOverCount(): number {
    return this.#passedOverCount;
  }

  counts(): Readonly<Record<FileClass, FileTally>> {
    const counts = FILE_CLASSES.map((one) => {
      const { files, bytes } = this.#classes[one];
      return [one, { files, bytes }] as const;
    });
    return Object.fromEntries(counts) as Record<FileClass, FileTally>;
  }

  report(): Pick<DryRunReport, 'classes' | 'sameName' | 'passedOver' | 'toSend'> {
    const classes = FILE_CLASSES.map((one) => [one, this.#classes[one].report()] as const);
    const { files, bytes } = this.#classes.new;
    return {
      classes: Object.fromEntries(classes) as Record<FileClass, ClassReport>,
      sameName: this.#sameName.report(),
      passedOver: Object.fromEntries(this.#passedOver),
      toSend: { files, bytes },
    };
  }
}
