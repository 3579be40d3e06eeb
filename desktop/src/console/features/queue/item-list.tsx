import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { LinkChoice } from '@imagefleet/shared/common/links/link-formats.ts';
import { useDesktop } from '#console/api/host-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { useNow } from '#console/ui/use-now.ts';
import { ItemRow } from './item-row.tsx';
import { ItemWindow, type Choice } from './item-window.ts';
import type { QueueFeed } from './queue-feed.ts';
import type { QueueStatus } from './queue-types.ts';
import { StateFilters } from './state-filters.tsx';
import { filesOf } from './tally.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

const ROW_PX = 36;
const OVERSCAN = 6;
const TICK_MS = 1000;

interface Props {
  readonly feed: QueueFeed;
  readonly status: QueueStatus;
  /** In which form a link is copied. */
  readonly choice: LinkChoice;
}

/** All files of the queue, of which only those in sight are here. */
export function ItemList({ feed, status, choice }: Props): ReactNode {
  const t = useQueueTexts();
  const now = useNow(TICK_MS);
  const [filter, setFilter] = useState<Choice>('all');
  const scroller = useRef<HTMLDivElement>(null);
  const files = filter === 'all' ? filesOf(status) : status.counts[filter].files;
  const items = useItems(status, filter);
  const virtual = useVirtualizer({
    count: files,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const rows = virtual.getVirtualItems();
  const [first, last] = [rows.at(0)?.index ?? 0, rows.at(-1)?.index ?? 0];
  useEffect(() => items.show({ first, last }), [items, first, last]);
  return (
    <div className={styles['list']}>
      <StateFilters status={status} choice={filter} onChoice={setFilter} />
      {items.error !== null && <FailureNote error={items.error} />}
      <div ref={scroller} className={styles['scroller']} tabIndex={0} role="region" aria-label={t('list')}>
        {files === 0 && <p className={styles['note']}>{t('noneHere')}</p>}
        <div className={styles['rows']} role="list" style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ index, start }) => {
            const item = items.item(index);
            return (
              <div
                key={item?.key ?? `place ${String(index)}`}
                role="listitem"
                aria-setsize={files}
                aria-posinset={index + 1}
                className={styles['row']}
                data-state={item?.state}
                style={{ transform: `translateY(${String(start)}px)` }}
              >
                {item !== undefined && <ItemRow {...{ item, feed, choice }} now={item.retryAt === null ? 0 : now} />}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The window on the list, which follows the queue. */
function useItems(status: QueueStatus, choice: Choice): ItemWindow {
  const { engine } = useDesktop();
  const [items] = useState(() => new ItemWindow(engine.listItems));
  useSyncExternalStore(items.subscribe, items.version);
  useEffect(() => items.choose(choice), [items, choice]);
  useEffect(() => items.refresh(), [items, status]);
  return items;
}
