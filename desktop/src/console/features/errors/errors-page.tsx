import { Button, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useSummary } from '#console/api/queries.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { EmptyState } from '#console/ui/empty-state.tsx';
import { Announcement } from '#console/ui/announcement.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { Page } from '#console/ui/page.tsx';
import { useNow } from '#console/ui/use-now.ts';
import { CauseRow } from './cause-row.tsx';
import { causesOf, needsSomebody, type Causes } from './causes.ts';
import { errorsAnswer } from './errors-answer.ts';
import { ERRORS_TEXTS } from './errors-texts.ts';
import { FailureLog } from './failure-log.tsx';
import { ReplayNote } from './replay-note.tsx';
import { useReplay } from './use-replay.ts';
import styles from './errors.module.css';

const TICK_MS = 30_000;

/** What failed, why, what now? */
export function ErrorsPage(): ReactNode {
  const t = useTexts('errors', ERRORS_TEXTS);
  const { language } = useLanguage();
  const now = useNow(TICK_MS);
  const { data, error, dataUpdatedAt } = useSummary(true);
  const groups = data?.groups ?? [];
  const silent = data?.silent ?? [];
  const causes = causesOf(groups);
  const replay = useReplay({ groups, at: dataUpdatedAt, serverAt: data?.at ?? dataUpdatedAt });
  const stuck = causes.rows.reduce((sum, { count, going }) => sum + count - going, 0);
  const isReplaying = replay.start.isPending || replay.progress?.isOver === false;
  const answer = data === undefined ? t('asking') : errorsAnswer({ causes, silent, now, language }, t);
  return (
    <Page
      title={t('title')}
      answer={
        <span className={styles['answer']} data-tone={toneOf(causes, silent.length > 0 || data === undefined)}>
          {answer}
        </span>
      }
      actions={
        stuck > 0 && (
          <Button size="xs" loading={replay.start.isPending} onClick={() => replay.start.mutate({})}>
            {t('replayAll')}
          </Button>
        )
      }
    >
      <Announcement message={data === undefined ? '' : answer} />
      <Stack gap="sm">
        {error !== null && <FailureNote error={error} />}
        <ReplayNote replay={replay} isNothingStuck={stuck === 0} />
        {silent.length > 0 && (
          <p className={styles['dimmed']}>
            {t('silent', { count: silent.length, servers: joinNames(silent, language) })}
          </p>
        )}
        {causes.rows.length > 0 && (
          <ul className={styles['causes']} aria-label={t('stuck')}>
            {causes.rows.map((row) => (
              <CauseRow key={row.key} row={row} replay={replay} now={now} />
            ))}
          </ul>
        )}
        {causes.flowing > 0 && (
          <p className={styles['dimmed']}>
            {t('onTheWay', { count: causes.flowing, shown: formatCount(causes.flowing) })}
          </p>
        )}
        {data !== undefined && causes.rows.length === 0 && silent.length === 0 && !isReplaying && (
          <EmptyState title={t('emptyTitle')}>{t('emptyHint')}</EmptyState>
        )}
        <FailureLog />
      </Stack>
    </Page>
  );
}

function toneOf({ rows }: Causes, isUnsure: boolean): 'good' | 'warn' | 'bad' | 'plain' {
  if (rows.some(({ fate }) => needsSomebody(fate))) return 'bad';
  if (rows.length > 0) return 'warn';
  return isUnsure ? 'plain' : 'good';
}
