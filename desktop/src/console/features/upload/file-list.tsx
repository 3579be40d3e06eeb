import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState, type ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { FileRow } from './file-row.tsx';
import { countsOf, filtered, FILTERS, type Filter } from './filters.ts';
import type { QueueView, UploadQueue } from './upload-queue.ts';
import { useReceipts } from './use-receipts.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

const ROW_PX = 36;
const OVERSCAN = 6;

interface Props {
  readonly queue: UploadQueue;
  readonly view: QueueView;
}

/** All files, of which only those in sight exist on the page. */
export function FileList({ queue, view }: Props): ReactNode {
  const t = useUploadTexts();
  const [filter, setFilter] = useState<Filter>('all');
  const scroller = useRef<HTMLDivElement>(null);
  const keys = filtered(queue, view.order, filter);
  const virtual = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => keys[index] ?? index,
  });
  const rows = virtual.getVirtualItems();
  useReceipts(
    queue,
    rows.flatMap(({ index }) => keys[index] ?? []),
  );
  return (
    <div className={styles['list']}>
      <Filters view={view} filter={filter} onFilter={setFilter} />
      <div ref={scroller} className={styles['scroller']} tabIndex={0} role="region" aria-label={t('list')}>
        {keys.length === 0 && <p className={styles['note']}>{t('noneHere')}</p>}
        <div className={styles['rows']} role="list" style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ key, index, start }) => {
            const item = queue.item(keys[index] ?? -1);
            if (item === undefined) return null;
            const place = { 'aria-setsize': keys.length, 'aria-posinset': index + 1 };
            return (
              <div
                key={key}
                {...place}
                role="listitem"
                className={styles['row']}
                data-state={item.state}
                style={{ transform: `translateY(${String(start)}px)` }}
              >
                <FileRow item={item} queue={queue} now={item.retryAt === null ? 0 : view.at} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface FiltersProps {
  readonly view: QueueView;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

function Filters({ view, filter, onFilter }: FiltersProps): ReactNode {
  const t = useUploadTexts();
  const counts = countsOf(view.order, view.tally);
  return (
    <div className={styles['filters']} role="group" aria-label={t('filter')}>
      {FILTERS.map((one) => (
        <button key={one} type="button" aria-pressed={one === filter} onClick={() => onFilter(one)}>
          {t(one)} <b>{formatCount(counts[one])}</b>
        </button>
      ))}
    </div>
  );
}
