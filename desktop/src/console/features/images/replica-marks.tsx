import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { Mark, type Tone } from './mark.tsx';
import { PANEL_TEXTS } from './panel-texts.ts';
import { waitingCauses } from './waiting-causes.ts';
import styles from './side-panel.module.css';

const TONES: Readonly<Record<Replica['state'], Tone>> = { stored: 'good', pending: 'warn', failed: 'bad' };

/** Which server holds the image, one small mark each, and why it is not on the others. */
export function ReplicaMarks({ replicas }: { readonly replicas: readonly Replica[] | undefined }): ReactNode {
  const t = useTexts('image-panel', PANEL_TEXTS);
  const { language } = useLanguage();
  const count = replicas?.length ?? 0;
  const stored = replicas?.filter(({ state }) => state === 'stored').length ?? 0;
  const sum = stored === count ? t('everywhere', { count }) : t('partly', { stored, count });
  return (
    <section aria-label={t('servers')}>
      <h3 className={styles['section']}>{replicas === undefined ? t('checking') : sum}</h3>
      <ul className={styles['marks']}>
        {replicas?.map(({ server, state }) => (
          <li key={server}>
            {server} <Mark tone={TONES[state]}>{t(state)}</Mark>
          </li>
        ))}
      </ul>
      {waitingCauses(replicas ?? []).map(({ code, servers }) => {
        const { title, todo } = errorSentence(code, language);
        return (
          <p key={code} className={styles['why']}>
            {t('why', { servers: joinNames(servers, language), title, todo })} <small>{code}</small>
          </p>
        );
      })}
    </section>
  );
}
