import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import type { QueueFeed } from './queue-feed.ts';
import type { QueueStatus } from './queue-types.ts';
import { openOf } from './tally.ts';
import { countOf, useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  readonly feed: QueueFeed;
  readonly status: QueueStatus;
}

/** What can be done with the whole queue. */
export function QueueActions({ feed, status }: Props): ReactNode {
  const t = useQueueTexts();
  const { isPaused, counts } = status;
  const open = openOf(status).files;
  const turn = (): void => void feed.change((engine) => (isPaused ? engine.resume({}) : engine.pause({})));
  return (
    <>
      {counts.failed.files > 0 && (
        <Button size="xs" onClick={() => void feed.change((engine) => engine.retry({}))}>
          {t('retryAll', { shown: formatCount(counts.failed.files) })}
        </Button>
      )}
      {(open > 0 || isPaused) && (
        <Button size="xs" variant={isPaused ? 'filled' : 'default'} onClick={turn}>
          {isPaused ? t('resume') : t('pause')}
        </Button>
      )}
      {open > 0 && <CancelButton feed={feed} count={open} />}
      {open === 0 && (
        <Button size="xs" variant="default" onClick={() => void feed.act((engine) => engine.clearHistory({}))}>
          {t('clear')}
        </Button>
      )}
    </>
  );
}

/** Says in numbers what it will do, before it does it. */
function CancelButton({ feed, count }: { readonly feed: QueueFeed; readonly count: number }): ReactNode {
  const t = useQueueTexts();
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {t('cancelAll')}
      </Button>
    );
  }
  const question = countOf(t, 'cancelAsk', count);
  const cancel = (): void => {
    setAsking(false);
    void feed.change((engine) => engine.cancel({}));
  };
  return (
    <span className={styles['ask']} role="group" aria-label={question}>
      {question}
      <Button size="xs" color="red.9" onClick={cancel}>
        {t('cancelYes')}
      </Button>
      <Button size="xs" variant="default" autoFocus onClick={() => setAsking(false)}>
        {t('cancelNo')}
      </Button>
    </span>
  );
}
