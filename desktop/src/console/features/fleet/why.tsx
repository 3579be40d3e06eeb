import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Observation } from '@imagefleet/shared/common/health/observation.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import { formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { DETAIL_TEXTS, RULE_TEXTS } from './detail-texts.ts';
import { formatMs } from './sparkline.ts';
import styles from './detail.module.css';

const SHOWN_PROBES = 5;

/** The rule, the votes and the last probes behind a verdict. */
export function Why({ verdict, now }: { readonly verdict: Verdict; readonly now: number }): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const rule = useTexts('fleet-rules', RULE_TEXTS);
  const { votes, settings, probes } = verdict;
  const values = {
    warmUp: formatSeconds(settings.warmUpMs / 1000),
    fall: settings.fall,
    doubleFall: settings.fall * 2,
    rise: settings.rise,
  };
  return (
    <>
      <p>{rule(verdict.rule, values)}</p>
      {votes !== null && (
        <p>{t('votes', { at: formatInstant(votes.at, now), reached: votes.reached, unreached: votes.unreached })}</p>
      )}
      <ol className={styles['list']} tabIndex={0} aria-label={t('probes')}>
        {probes
          .slice(-SHOWN_PROBES)
          .reverse()
          .map(({ at, observation }) => (
            <li key={at}>
              {formatInstant(at, now)} <Seen observation={observation} />
            </li>
          ))}
      </ol>
    </>
  );
}

function Seen({ observation }: { readonly observation: Observation }): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const { language } = useLanguage();
  if (observation.kind === 'success') return t('success', { ms: formatMs(observation.latencyMs) });
  const { code, message } = observation.cause;
  return (
    <>
      {t(observation.kind)} · {errorSentence(code, language).title} <small title={message}>{code}</small>
    </>
  );
}
