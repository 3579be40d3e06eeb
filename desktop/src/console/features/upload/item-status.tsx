import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { formatCountdown } from '#console/ui/countdown.ts';
import { failureSentence } from './failure-sentence.ts';
import type { UploadItem } from './upload-item.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

const SHAPES: Readonly<Record<UploadItem['state'], string>> = {
  ...{ queued: '○', hashing: '◔', uploading: '◑', done: '✓', present: '＝', failed: '✕', paused: '‖', cancelled: '–' },
};

interface Props {
  readonly item: UploadItem;
  /** Epoch milliseconds; only for a file that counts down. */
  readonly now: number;
}

/** How one file stands, by a shape and words. */
export function ItemStatus({ item, now }: Props): ReactNode {
  const t = useUploadTexts();
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
  const word = t(state === 'paused' ? 'pausedOne' : state);
  const isWaiting = state === 'queued' && retryAt !== null;
  const time = formatCountdown(((retryAt ?? now) - now) / 1000);
  const text = isWaiting
    ? t('retryIn', { time, number: attempts + 1 })
    : (state === 'failed' && sentence?.title) || word;
  return (
    <span
      className={styles['status']}
      data-state={state}
      title={sentence === null ? undefined : t('why', { ...sentence, code: failure?.code ?? '' })}
    >
      <span aria-hidden="true">{SHAPES[state]}</span> {text}
      {state === 'failed' && sentence !== null && <span className={styles['advice']}> {sentence.todo}</span>}
    </span>
  );
}
