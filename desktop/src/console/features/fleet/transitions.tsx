import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { HistoryTransition } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { STATE_TEXTS } from '#console/ui/state-texts.ts';
import { DETAIL_TEXTS } from './detail-texts.ts';
import styles from './detail.module.css';

const MAX_SHOWN = 50;

/** The newest changes first, each with how long the state before had lasted, and why. */
export function Transitions({
  transitions,
  now,
}: {
  readonly transitions: readonly HistoryTransition[];
  readonly now: number;
}): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const word = useTexts('state', STATE_TEXTS);
  const { language } = useLanguage();
  const shown = transitions.slice(-MAX_SHOWN).reverse();
  if (shown.length === 0) return <p className={styles['quiet']}>{t('noTransitions')}</p>;
  return (
    <>
      <ol className={styles['list']} tabIndex={0} aria-label={t('transitions')}>
        {shown.map(({ at, from, to, lastedMs, cause, isConfirmed }, index) => (
          <li key={`${String(at)}-${String(index)}`}>
            <span>{t('changed', { at: formatInstant(at, now), from: word(from), to: word(to) })}</span>{' '}
            <span className={styles['quiet']}>
              {t('lasted', { lasted: formatSeconds(lastedMs / 1000) })}
              {cause !== null && ` · ${errorSentence(cause.code, language).title} `}
              {cause !== null && <small title={cause.message}>{cause.code}</small>}
              {!isConfirmed && ` · ${t('unconfirmed')}`}
            </span>
          </li>
        ))}
      </ol>
      {transitions.length > shown.length && (
        <p className={styles['quiet']}>{t('moreTransitions', { count: shown.length })}</p>
      )}
    </>
  );
}
