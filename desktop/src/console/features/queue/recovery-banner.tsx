import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { joinSentences } from '#console/i18n/language.ts';
import type { Recovery } from './recovery.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  readonly recovery: Recovery;
  readonly isPaused: boolean;
  readonly onDismiss: () => void;
}

/** After a start in the middle of an upload: where it was, in numbers. */
export function RecoveryBanner({ recovery, isPaused, onDismiss }: Props): ReactNode {
  const t = useQueueTexts();
  const { language } = useLanguage();
  const { done, inDoubt, left } = recovery;
  const numbers = { done: formatCount(done), inDoubt: formatCount(inDoubt), left: formatCount(left) };
  const sentences = [t('recoveredCounts', numbers)];
  if (inDoubt > 0) sentences.push(t('recoveredDoubt'));
  if (isPaused) sentences.push(t('recoveredPaused'));
  return (
    <section className={styles['recovery']} role="status" aria-label={t('recovered')}>
      <div>
        <strong>{t('recovered')}</strong>
        <br />
        {joinSentences(sentences, language)}
      </div>
      <Button size="xs" variant="default" onClick={onDismiss}>
        {t('dismiss')}
      </Button>
    </section>
  );
}
