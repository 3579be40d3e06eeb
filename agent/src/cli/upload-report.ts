import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { SkipReason } from '@imagefleet/shared/node/folder-walk.ts';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import type { Language } from './language.ts';
import type { LinkRow } from './links-csv.ts';
import { tableLines } from './table.ts';
import type { FileResult, UploadRunEnd } from './upload-run.ts';
import { UPLOAD_TEXTS } from './upload-texts.ts';

const SHOWN_PROBLEMS = 20;

type Problem = Extract<FileResult, { kind: 'refused' | 'failed' }>;

/** Collects what became of each file of a run. */
export class UploadReport {
  readonly links: LinkRow[] = [];
  readonly #problems: Problem[] = [];
  readonly #counts = { uploaded: 0, present: 0, waiting: 0, twins: 0, refused: 0, failed: 0 };
  readonly #skipped = new Map<SkipReason, number>();
  readonly #totalFiles: number;
  #bytesSent = 0;

  constructor(totalFiles: number, skipped: ReadonlyMap<SkipReason, number>) {
    this.#totalFiles = totalFiles;
    for (const [reason, count] of skipped) this.#skipped.set(reason, count);
  }

  add(result: FileResult): void {
    switch (result.kind) {
      case 'uploaded':
        this.#counts.uploaded += 1;
        this.#bytesSent += result.sizeBytes;
        if (!result.isAcknowledged) this.#counts.waiting += 1;
        break;
      case 'present':
        this.#counts.present += 1;
        if (!result.isAcknowledged) this.#counts.waiting += 1;
        break;
      case 'twin':
        this.#counts.twins += 1;
        break;
      case 'refused':
      case 'failed':
        this.#counts[result.kind] += 1;
        this.#problems.push(result);
        return;
    }
    this.links.push({ file: result.file, link: result.link });
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0 || this.#notReached > 0 || this.#skipped.has('missing');
  }

  get #notReached(): number {
    const { uploaded, present, twins, refused, failed } = this.#counts;
    return this.#totalFiles - uploaded - present - twins - refused - failed;
  }

  /** For `--json`. */
  toJson(seconds: number, end: UploadRunEnd): object {
    return {
      ...this.#counts,
      notReached: this.#notReached,
      skipped: Object.fromEntries(this.#skipped),
      bytesSent: this.#bytesSent,
      seconds: Number(seconds.toFixed(3)),
      filesPerSecond: Number((this.#counts.uploaded / Math.max(seconds, 0.001)).toFixed(1)),
      ...(end === undefined ? {} : { stopped: end === 'stopped' ? { code: 'STOPPED' } : end.toBody() }),
      links: this.links,
      problems: this.#problems.map(({ kind, file, error }) => ({ file, outcome: kind, error: error.toBody() })),
    };
  }

  /** For people. */
  lines(seconds: number, end: UploadRunEnd, language: Language): readonly string[] {
    const texts = UPLOAD_TEXTS[language];
    const problems = this.#problems.slice(0, SHOWN_PROBLEMS).map(({ kind, file, error }) => {
      const title = errorSentence(error.code, language).title;
      return `  ${texts.problem[kind]}: ${file}: ${title} [${error.code}]`;
    });
    const hidden = this.#problems.length - problems.length;
    const rows = Object.entries({ ...this.#counts, notReached: this.#notReached })
      .filter(([name, count]) => count > 0 || name === 'uploaded')
      .map(([name, count]) => [formatCount(count), texts.counts[name as keyof typeof texts.counts]]);
    for (const [reason, count] of this.#skipped) {
      rows.push([formatCount(count), `${texts.counts.skipped}: ${texts.skipReasons[reason]}`]);
    }
    const rate = this.#counts.uploaded / Math.max(seconds, 0.001);
    const speed = formatBytes(this.#bytesSent / Math.max(seconds, 0.001));
    return [
      ...problems,
      ...(hidden > 0 ? [`  ${texts.more(formatCount(hidden))}`] : []),
      ...tableLines(rows, [0]),
      texts.rate(formatBytes(this.#bytesSent), formatSeconds(seconds), rate.toFixed(1), speed),
      ...this.#endLines(end, language),
    ];
  }

  #endLines(end: UploadRunEnd, language: Language): readonly string[] {
    const texts = UPLOAD_TEXTS[language];
    if (end === undefined) return this.#counts.failed > 0 ? [texts.runAgain] : [];
    if (end === 'stopped') return [texts.runAgain];
    const { title, todo } = errorSentence(end.code, language);
    return [`${texts.stoppedEarly} ${title} [${end.code}]`, `  ${end.message}`, `  → ${todo}`];
  }
}
