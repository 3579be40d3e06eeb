import type { ReactNode } from 'react';
import { ITEM_STATES } from '#bridge/engine-words.ts';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import type { Choice } from './item-window.ts';
import type { QueueStatus } from './queue-types.ts';
import { wordOf } from './state-words.ts';
import { filesOf } from './tally.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  readonly status: QueueStatus;
  readonly choice: Choice;
  readonly onChoice: (choice: Choice) => void;
}

/** What of the list is shown; states that no file is in are not offered. */
export function StateFilters({ status, choice, onChoice }: Props): ReactNode {
  const t = useQueueTexts();
  const states = ITEM_STATES.filter((state) => state === choice || status.counts[state].files > 0);
  const all: readonly Choice[] = ['all', ...states];
  return (
    <div className={styles['filters']} role="group" aria-label={t('filter')}>
      {all.map((one) => (
        <button key={one} type="button" aria-pressed={one === choice} onClick={() => onChoice(one)}>
          {one === 'all' ? t('all') : t(wordOf(one))}{' '}
          <b>{formatCount(one === 'all' ? filesOf(status) : status.counts[one].files)}</b>
        </button>
      ))}
    </div>
  );
}
