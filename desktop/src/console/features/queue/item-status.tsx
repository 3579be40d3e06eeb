import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { formatCountdown } from '#console/ui/countdown.ts';
import { failureSentence } from './failure-sentence.ts';
import type { QueueItem } from './queue-types.ts';
import { SHAPES, wordOf } from './state-words.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  readonly item: QueueItem;
  /** Epoch milliseconds; only for a file that counts down. */
  readonly now: number;
}

/** How one file stands, by a shape and words. */
export function ItemStatus({ item, now }: Props): ReactNode {
  const t = useQueueTexts();
  const { language } = useLanguage();
  const { state, failure, retryAt, attempts, sentBytes, sizeBytes } = item;
  if (state === 'uploading') {
    const percent = sizeBytes === 0 ? 0 : Math.min(100, Math.floor((sentBytes / sizeBytes) * 100));
    return (
      <span className={styles['status']} data-state={state}>
        <progress className={styles['small']} value={percent} max={100} aria-label={t('uploading')} />
        {percent} %
      </span>
    );
  }
  const sentence = failure === null ? null : failureSentence(failure.code, language);
  const word = t(wordOf(state));
  const isWaiting = retryAt !== null && (state === 'queued' || state === 'inDoubt');
  const waits = isWaiting
    ? t('retryIn', { time: formatCountdown((retryAt - now) / 1000), number: attempts + 1 })
    : null;
  const title = state === 'failed' && sentence !== null ? sentence.title : word;
  return (
    <span
      className={styles['status']}
      data-state={state}
      title={sentence === null ? undefined : t('why', { ...sentence, code: failure?.code ?? '' })}
    >
      <span aria-hidden="true">{SHAPES[state]}</span> {waits ?? title}
      {state === 'failed' && sentence !== null && <span className={styles['advice']}> {sentence.todo}</span>}
    </span>
  );
}
