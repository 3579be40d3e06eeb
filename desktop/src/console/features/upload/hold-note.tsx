import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { joinSentences } from '#console/i18n/language.ts';
import { formatCountdown } from '#console/ui/countdown.ts';
import { failureSentence } from './failure-sentence.ts';
import { countOf, troubleOf } from './sentence.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
}

/** Why nothing goes out, since when nobody has to do anything, and when it is tried again. */
export function HoldNote({ queue, view }: Props): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  const trouble = troubleOf(view);
  if (trouble === null) return null;
  const { code, message } = trouble.failure;
  const { title, todo } = failureSentence(code, language);
  const seconds = Math.ceil((trouble.until - view.at) / 1000);
  const next = seconds > 0 ? t('holdIn', { time: formatCountdown(seconds) }) : t('holdNow');
  return (
    // No live region: it counts down, and the page's announcement says what has happened.
    <section className={styles['hold']} aria-label={title}>
      <div>
        <strong>{title}</strong>
        <br />
        {joinSentences([todo, countOf(t, 'holdWaits', view.tally.openFiles), next], language)}{' '}
        <span className={styles['code']} title={message}>
          {code}
        </span>
      </div>
      <Button size="xs" variant="default" onClick={() => queue.wake()}>
        {t('tryNow')}
      </Button>
    </section>
  );
}
