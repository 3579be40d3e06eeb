import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { formatCount, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { Announcement } from '#console/ui/announcement.tsx';
import type { Manner } from './answer-sentence.ts';
import { PROOF_TEXTS } from './proof-texts.ts';
import { verifyProgress, type VerifyProgress } from './verify-progress.ts';
import styles from './fleet.module.css';

type ProofTranslate = Translate<keyof (typeof PROOF_TEXTS)['en']>;
const LISTED = 5;

/** How far the run is, or what the last one found. */
export function VerifyLine({ report, now }: { readonly report: VerifyReport; readonly now: number }): ReactNode {
  const t = useTexts('fleet-proof', PROOF_TEXTS);
  const { language } = useLanguage();
  const progress = verifyProgress(report);
  const sentence = verifySentence(progress, t, { now, language });
  const failed = [...report.servers.flatMap((one) => one.failed), ...(report.copies?.failed ?? [])];
  const failedCount = report.servers.reduce((sum, one) => sum + one.failedCount, report.copies?.failedCount ?? 0);
  const { copies } = report;
  return (
    <div className={styles['verify']}>
      {progress.kind === 'running' && (
        <progress value={progress.done} max={Math.max(1, progress.total)} aria-label={sentence} />
      )}
      <span>{sentence}</span>
      {copies !== null && report.state === 'done' && (
        <span className={styles['dimmed']}>
          {t('copies', { count: copies.checked, shown: formatCount(copies.checked) })}
          {copies.missing > 0 &&
            ` · ${t('lost', { missing: formatCount(copies.missing), restored: formatCount(copies.restored) })}`}
        </span>
      )}
      {failedCount > 0 && (
        <ul>
          <li>{t('failed', { count: failedCount, shown: formatCount(failedCount) })}</li>
          {failed.slice(0, LISTED).map(({ path, code, message }) => (
            <li key={path}>
              {path}: {errorSentence(code, language).title} <small title={message}>{code}</small>
            </li>
          ))}
        </ul>
      )}
      <Announcement message={report.reason === 'command' ? sentence : ''} />
    </div>
  );
}

function verifySentence(progress: VerifyProgress, t: ProofTranslate, manner: Manner): string {
  switch (progress.kind) {
    case 'waiting':
      return t('waiting');
    case 'running': {
      const { done, total, server, brought } = progress;
      return server === null
        ? t('running', { done, total })
        : t('runningWith', { done, total, server, brought: formatCount(brought) });
    }
    case 'healed':
      return t('healed', { ...endOf(progress, manner), count: progress.images, shown: formatCount(progress.images) });
    default:
      return t(progress.kind, endOf(progress, manner));
  }
}

function endOf(
  { at, servers }: { readonly at: number; readonly servers: readonly string[] },
  { now, language }: Manner,
): { readonly at: string; readonly servers: string } {
  return { at: formatInstant(at, now), servers: joinNames(servers, language) };
}
