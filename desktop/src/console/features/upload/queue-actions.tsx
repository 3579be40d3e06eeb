import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { countOf } from './sentence.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
}

/** What can be done with the whole queue. */
export function QueueActions({ queue, view: { tally, isPaused } }: Props): ReactNode {
  const t = useUploadTexts();
  const { failed } = tally.counts;
  const hasWork = tally.openFiles > 0;
  return (
    <>
      {failed > 0 && (
        <Button size="xs" onClick={() => queue.retryAll()}>
          {t('retryAll', { shown: formatCount(failed) })}
        </Button>
      )}
      {hasWork && (
        <Button size="xs" variant="default" onClick={() => (isPaused ? queue.resume() : queue.pause())}>
          {isPaused ? t('resume') : t('pause')}
        </Button>
      )}
      {hasWork && <CancelButton queue={queue} count={tally.openFiles} />}
      {!hasWork && (
        <Button size="xs" variant="default" onClick={() => queue.clear()}>
          {t('clear')}
        </Button>
      )}
    </>
  );
}

/** Says in numbers what it will do, before it does it. */
function CancelButton({ queue, count }: { readonly queue: UploadQueue; readonly count: number }): ReactNode {
  const t = useUploadTexts();
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {t('cancelAll')}
      </Button>
    );
  }
  return (
    <span className={styles['ask']} role="group" aria-label={countOf(t, 'cancelAsk', count)}>
      {countOf(t, 'cancelAsk', count)}
      <Button size="xs" color="red.9" onClick={() => queue.cancelAll()}>
        {t('cancelYes')}
      </Button>
      <Button size="xs" variant="default" autoFocus onClick={() => setAsking(false)}>
        {t('cancelNo')}
      </Button>
    </span>
  );
}
