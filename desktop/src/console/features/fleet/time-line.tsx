import { useState, type ReactNode } from 'react';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { STATE_TEXTS } from '#console/ui/state-texts.ts';
import { DETAIL_TEXTS } from './detail-texts.ts';
import type { Block } from './timeline.ts';
import styles from './detail.module.css';

interface Props {
  readonly blocks: readonly Block[];
  readonly history: HistoryAnswer;
}

const MARKS = 4;
/** A block that is narrower is drawn so wide, or nobody would see a fall of seconds; percent. */
const MIN_PERCENT = 0.25;
/** Where a word fits; percent. */
const WORD_PERCENT = 9;

/** The states of the range as blocks, each with its own pattern and, where it fits, its word. */
export function TimeLine({ blocks, history: { from, to, uptime } }: Props): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const word = useTexts('state', STATE_TEXTS);
  const [chosen, setChosen] = useState<Block | null>(null);
  const told = (block: Block): string => {
    const lasted = formatSeconds((block.to - block.from) / 1000);
    return `${word(block.state)} ${formatInstant(block.from, to)} – ${formatInstant(block.to, to)} (${lasted})`;
  };
  const sums = [
    ['up', uptime.upMs],
    ['down', uptime.downMs],
    ['warming', uptime.warmingMs],
    ['maintenance', uptime.maintenanceMs],
    ['unknown', uptime.unknownMs],
  ] as const;
  const parts = sums.filter(([, ms]) => ms > 0);
  return (
    <div>
      <ol className={styles['blocks']} aria-label={t('timeline')}>
        {blocks.map((block) => {
          const percent = ((block.to - block.from) / (to - from)) * 100;
          return (
            <li
              key={block.from}
              data-state={block.state}
              style={{ flexGrow: percent, minWidth: `${String(MIN_PERCENT)}%` }}
              title={told(block)}
              onMouseEnter={() => setChosen(block)}
              onMouseLeave={() => setChosen(null)}
            >
              <span className={percent < WORD_PERCENT ? styles['hidden'] : undefined}>
                {percent < WORD_PERCENT ? told(block) : word(block.state)}
              </span>
            </li>
          );
        })}
      </ol>
      <div className={styles['marks']} aria-hidden="true">
        {Array.from({ length: MARKS + 1 }, (_, index) => (
          <span key={index}>{formatInstant(from + ((to - from) / MARKS) * index, to).slice(-8, -3)}</span>
        ))}
      </div>
      <p className={styles['sums']}>
        {chosen !== null ? (
          told(chosen)
        ) : (
          <>
            {t('uptime')}{' '}
            {parts
              .map(([state, ms]) => t('part', { state: word(state), lasted: formatSeconds(ms / 1000) }))
              .join(' · ')}
            {uptime.ratio !== null && ` · ${t('share', { share: `${(uptime.ratio * 100).toFixed(2)} %` })}`}
          </>
        )}
      </p>
    </div>
  );
}
