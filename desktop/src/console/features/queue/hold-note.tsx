import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { joinSentences } from '#console/i18n/language.ts';
import { failureSentence } from './failure-sentence.ts';
import type { QueueFeed } from './queue-feed.ts';
import type { QueueStatus } from './queue-types.ts';
import { holdingOf } from './sentence.ts';
import { openOf } from './tally.ts';
import { countOf, useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  readonly feed: QueueFeed;
  readonly status: QueueStatus;
  /** Epoch milliseconds, to tell today from other days. */
  readonly now: number;
}

/** Why nothing goes out, since when, and that nothing is lost by it. */
export function HoldNote({ feed, status, now }: Props): ReactNode {
  const t = useQueueTexts();
  const { language } = useLanguage();
  const holding = holdingOf(status);
  if (holding === null) return null;
  const { title, todo } = failureSentence(holding.code, language);
  const since = t('since', { time: formatInstant(holding.since, now) });
  return (
    // No live region: the page's announcement says what has happened.
    <section className={styles['hold']} aria-label={title}>
      <div>
        <strong>{title}</strong>
        <br />
        {joinSentences([todo, since, countOf(t, 'waits', openOf(status).files)], language)}{' '}
        <span className={styles['code']} title={holding.message}>
          {holding.code}
        </span>
      </div>
      <Button size="xs" variant="default" onClick={() => void feed.change((engine) => engine.retry({}))}>
        {t('tryNow')}
      </Button>
    </section>
  );
}
