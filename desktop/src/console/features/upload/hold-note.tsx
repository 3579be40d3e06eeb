import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { failureSentence } from './failure-sentence.ts';
import { countOf } from './sentence.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** When so much has gone out again, the line is there: a small file may go out and be lost all the same. */
const FLOWING_BYTES = 1024 * 1024;

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
}

/** Why nothing goes out, since when nobody has to do anything, and when it is tried again. */
export function HoldNote({ queue, view: { holding, tally, at, isPaused } }: Props): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  if (holding === null || tally.openFiles === 0 || isPaused || tally.sentBytes >= FLOWING_BYTES) return null;
  const { code } = holding.failure;
  const { title, todo } = failureSentence(code, language);
  const seconds = Math.ceil((holding.until - at) / 1000);
  return (
    // No live region: it counts down, and the page's announcement says what has happened.
    <section className={styles['hold']} aria-label={title}>
      <div>
        <strong>{title}</strong>
        <br />
        {todo} {countOf(t, 'holdWaits', tally.openFiles)}{' '}
        {seconds > 0 ? t('holdIn', { time: wholeSeconds(seconds) }) : t('holdNow')}{' '}
        <span className={styles['code']} title={holding.failure.message}>
          {code}
        </span>
      </div>
      <Button size="xs" variant="default" onClick={() => queue.wake()}>
        {t('tryNow')}
      </Button>
    </section>
  );
}

/** A countdown with tenths would be nervous. */
function wholeSeconds(seconds: number): string {
  return seconds < 10 ? `${String(seconds)} s` : formatSeconds(seconds);
}
