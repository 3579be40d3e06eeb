import { NativeSelect, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { memo, useDeferredValue, useState, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { LogList } from './log-list.tsx';
import { LOG_TEXTS } from './log-texts.ts';
import { matchingLines } from './log-lines.ts';
import styles from './errors.module.css';

/** A day can be thousands of lines; whoever reads them wants them to stay. */
const REFRESH_LOG_MS = 60_000;

/** What failed on one day, from the log of the server that is asked; read when somebody wants it. */
export const FailureLog = memo(function FailureLog(): ReactNode {
  const { server } = useSession();
  const t = useTexts('errors-log', LOG_TEXTS);
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-label={t('title', { server })}>
      <h2 className={styles['heading']}>
        <button type="button" className={styles['opener']} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {t('title', { server })}
        </button>
      </h2>
      {isOpen && <LogOfDay />}
    </section>
  );
});

function LogOfDay(): ReactNode {
  const { api } = useHost();
  const { server } = useSession();
  const { language } = useLanguage();
  const t = useTexts('errors-log', LOG_TEXTS);
  const [day, setDay] = useState<string>();
  const [filter, setFilter] = useState('');
  const wanted = useDeferredValue(filter);
  const { data, error } = useQuery({
    queryKey: [QUERY.failureLog, day],
    queryFn: () => api.readFailureLog(day === undefined ? {} : { day }),
    refetchInterval: REFRESH_LOG_MS,
    placeholderData: keepPreviousData,
    // Comparing thousands of lines with what was there costs more than showing those that can be seen.
    structuralSharing: false,
  });
  // Newest first, as everywhere on this page.
  const found = data === undefined ? [] : [...matchingLines(data.lines, wanted, language)].reverse();
  const total = data?.lines.length ?? 0;
  const days = data === undefined ? [] : [...new Set([data.day, ...data.days])].sort().reverse();
  return (
    <>
      <p className={styles['dimmed']}>{t('hint', { server })}</p>
      {error !== null && <FailureNote error={error} />}
      {data !== undefined && (
        <>
          <div className={styles['filters']}>
            <NativeSelect
              size="xs"
              aria-label={t('day')}
              data={days}
              value={day ?? data.day}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
            <TextInput
              size="xs"
              type="search"
              className={styles['search'] ?? ''}
              aria-label={t('filter')}
              placeholder={t('filter')}
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
            />
            <span className={styles['dimmed']} role="status">
              {found.length === total
                ? t('lines', { count: total, shown: formatCount(total) })
                : t('some', { found: formatCount(found.length), shown: formatCount(total) })}
            </span>
          </div>
          {total === 0 && <p className={styles['dimmed']}>{t('none', { day: data.day })}</p>}
          {total > 0 && found.length === 0 && <p className={styles['dimmed']}>{t('noneFound')}</p>}
          {found.length > 0 && <LogList lines={found} />}
          {data.truncated && <p className={styles['dimmed']}>{t('truncated', { server })}</p>}
        </>
      )}
    </>
  );
}
