import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { NO_CAUSE } from '@imagefleet/shared/common/delivery/delivery.ts';
import { errorSentence, PROMISE_RETRY } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { formatBytes, formatCount, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { CauseDeliveries } from './cause-deliveries.tsx';
import type { CauseRow as Row } from './causes.ts';
import { ERRORS_TEXTS } from './errors-texts.ts';
import type { Replay } from './use-replay.ts';
import styles from './errors.module.css';

interface Props {
  readonly row: Row;
  readonly replay: Replay;
  readonly now: number;
}

/** Shapes, so that what needs somebody is not told by colour alone. */
const SHAPES: Readonly<Record<Row['fate'], string>> = {
  needsYou: '▲',
  whenBack: '◐',
  whenRoom: '◐',
  retried: '↻',
  byHand: '▲',
  going: '→',
};

/** One cause: what happened, what it means for the copies, what to do, and the action at its right. */
export function CauseRow({ row, replay, now }: Props): ReactNode {
  const t = useTexts('errors', ERRORS_TEXTS);
  const { language } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const { server, code, count, fate } = row;
  const sentence = code === null ? null : errorSentence(code, language);
  const cause = sentence?.title ?? t('unnamed');
  const stuck = row.count - row.going;
  const isAdvised =
    fate !== 'going' && code !== 'PEER_DOWN' && !(fate === 'byHand' && code !== null && PROMISE_RETRY.has(code));
  return (
    <li className={styles['cause']}>
      <div className={styles['line']}>
        <button
          type="button"
          className={styles['toggle']}
          aria-expanded={isOpen}
          aria-label={t(isOpen ? 'close' : 'open', { server, cause })}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? '▾' : '▸'}
        </button>
        <div className={styles['what']}>
          <div>
            <strong>{t('head', { server, shown: t('copies', { count, shown: formatCount(count) }) })}</strong> · {cause}{' '}
            {code !== null && <small title={row.message ?? undefined}>{code}</small>}
          </div>
          <div className={styles['fate']} data-fate={fate}>
            <span aria-hidden="true">{SHAPES[fate]}</span> {t(fate, { count })}
            {isAdvised && sentence !== null && <span className={styles['todo']}> {sentence.todo}</span>}
          </div>
          <div className={styles['dimmed']}>
            {t('facts', {
              bytes: formatBytes(row.bytes),
              sources: joinNames(row.sources, language),
              since: formatInstant(row.since, now),
            })}
            <Parts row={row} />
          </div>
        </div>
        <Button
          size="xs"
          variant="default"
          aria-label={t('replayLabel', { server, shown: formatCount(stuck) })}
          disabled={stuck === 0 || replay.start.isPending}
          onClick={() => replay.start.mutate({ server, cause: code ?? NO_CAUSE })}
        >
          {t('replay')}
        </Button>
      </div>
      {isOpen && <CauseDeliveries server={server} code={code} now={now} />}
    </li>
  );
}

/** Only where one row holds copies of several states. */
function Parts({ row }: { readonly row: Row }): ReactNode {
  const t = useTexts('errors', ERRORS_TEXTS);
  const parts = [
    ['dead', row.dead],
    ['failed', row.failed],
    ['parked', row.parked],
    ['goingPart', row.going],
  ] as const;
  const told = parts.filter(([, count]) => count > 0);
  if (told.length < 2) return null;
  return ` · ${told.map(([key, count]) => t(key, { shown: formatCount(count) })).join(' · ')}`;
}
