import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, type ReactNode } from 'react';
import { NO_CAUSE } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { useHost } from '#console/api/host-context.tsx';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { DELIVERIES_TEXTS } from './deliveries-texts.ts';
import { DeliveryRow } from './delivery-row.tsx';
import styles from './errors.module.css';

interface Props {
  readonly server: string;
  readonly code: ErrorCode | null;
  readonly now: number;
}

const PAGE = 100;
const ROW_PX = 36;
const AHEAD = 8;
/** All pages that were read are read again: few of them soon, many of them seldom. */
const REFRESH_MS = 2000;
const REFRESH_MANY_MS = 10_000;
const FEW_PAGES = 3;

/** The copies of one cause, page by page, only those that can be seen in the document. Kept while a replay beside it counts on. */
export const CauseDeliveries = memo(function CauseDeliveries({ server, code, now }: Props): ReactNode {
  const { api } = useHost();
  const t = useTexts('errors-deliveries', DELIVERIES_TEXTS);
  const { language } = useLanguage();
  const frame = useRef<HTMLDivElement>(null);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    // Not made old by each of thousands of events: it comes again in its own time.
    queryKey: ['cause-deliveries', server, code],
    queryFn: ({ pageParam }) =>
      api.listDeliveries({
        ...{ server, scope: 'fleet', limit: PAGE, cause: code ?? NO_CAUSE },
        ...(pageParam !== null && { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > FEW_PAGES ? REFRESH_MANY_MS : REFRESH_MS),
    placeholderData: keepPreviousData,
  });
  const rows = data?.pages.flatMap(({ deliveries }) => deliveries) ?? [];
  // The server itself has no copies to bring to itself.
  const quiet = new Set(data?.pages.flatMap((page) => page.silent).filter((name) => name !== server));
  const virtual = useVirtualizer({
    count: rows.length + (hasNextPage ? 1 : 0),
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= rows.length - 1) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastShown, rows.length]);
  return (
    <>
      {error !== null && <FailureNote error={error} />}
      {quiet.size > 0 && <p className={styles['dimmed']}>{t('quiet', { servers: joinNames([...quiet], language) })}</p>}
      {data !== undefined && rows.length === 0 && <p className={styles['dimmed']}>{t('empty')}</p>}
      {rows.length > 0 && (
        <div ref={frame} className={styles['frame']} tabIndex={0} role="group" aria-label={t('list', { server })}>
          <ul style={{ height: virtual.getTotalSize() }}>
            {items.map(({ index, start }) => {
              const row = rows[index];
              return (
                <li
                  key={row === undefined ? 'more' : `${row.source}-${String(row.id)}`}
                  style={{ transform: `translateY(${String(start)}px)` }}
                >
                  {row === undefined ? t('more') : <DeliveryRow delivery={row} now={now} />}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </>
  );
});
