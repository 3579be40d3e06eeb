import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import type { Language } from './language.ts';
import { tableLines } from './table.ts';
import { VERIFY_TEXTS, type VerifyTexts } from './verify-texts.ts';

/** Failures of one server that are printed; --json has more of them. */
const SHOWN_FAILURES = 10;

type Failures = Pick<VerifyReport['servers'][number], 'failed' | 'failedCount'>;

/** A report as people read it: a line for each server, then causes, then the own files, then the verdict. */
export function verifyLines(report: VerifyReport, language: Language): readonly string[] {
  const texts = VERIFY_TEXTS[language];
  if (report.servers.length === 0) return [...copyLines(report, texts, language), texts.alone];
  const rows = report.servers.map((server) => [
    server.server,
    texts.states[server.state],
    moved(server.pulled, server.pulledBytes),
    moved(server.pushed, server.pushedBytes),
    formatCount(server.onTheWay),
    formatCount(server.failedCount),
  ]);
  const causes = report.servers.flatMap((server) => [
    ...(server.cause === null ? [] : [`${server.server}: ${sentence(server.cause, language)}`]),
    ...failureLines(server, texts, language),
  ]);
  const seconds = (((report.finishedAt ?? 0) - (report.startedAt ?? 0)) / 1000).toFixed(1);
  return [
    ...tableLines([texts.columns, ...rows], [4, 5]),
    ...causes,
    ...copyLines(report, texts, language),
    report.isEqual ? texts.equal(formatCount(report.records), seconds) : texts.differs,
  ];
}

function copyLines({ copies }: VerifyReport, texts: VerifyTexts, language: Language): readonly string[] {
  if (copies === null) return [];
  const [checked, missing, restored] = [copies.checked, copies.missing, copies.restored].map(formatCount);
  const isAll = copies.missing === 0 && copies.failedCount === 0;
  return [
    isAll ? texts.allCopies(checked ?? '') : texts.copies(checked ?? '', missing ?? '', restored ?? ''),
    ...failureLines(copies, texts, language),
  ];
}

function failureLines({ failed, failedCount }: Failures, texts: VerifyTexts, language: Language): readonly string[] {
  const shown = failed.slice(0, SHOWN_FAILURES);
  return [
    ...shown.map(
      (failure) => `  ${[failure.path, sentence(failure, language)].filter((part) => part !== '').join(': ')}`,
    ),
    ...(failedCount > shown.length ? [`  ${texts.more(formatCount(failedCount - shown.length))}`] : []),
  ];
}

function sentence({ code, message }: DeliveryCause, language: Language): string {
  return `${errorSentence(code, language).title} [${code}] ${message}`;
}

function moved(count: number, bytes: number): string {
  return count === 0 ? '0' : `${formatCount(count)} (${formatBytes(bytes)})`;
}
