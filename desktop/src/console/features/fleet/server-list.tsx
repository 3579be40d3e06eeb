import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { FLEET_TEXTS } from './fleet-texts.ts';
import { ServerRow, type RowPosition } from './server-row.tsx';
import styles from './fleet.module.css';

interface Props {
  readonly title: string;
  readonly shown: readonly ServerEntry[];
  readonly servers: readonly ServerEntry[];
  readonly silent: readonly string[];
  readonly answeredAt: number;
  readonly now: number;
}

/** Longer lists show only the rows that can be seen; each row asks for its own latency. */
const WHOLE = 40;
const ROW_PX = 36;

export function ServerList({ title, shown, servers, silent, answeredAt, now }: Props): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const rowOf = (server: ServerEntry, position?: RowPosition): ReactNode => (
    <ServerRow
      key={server.name}
      {...{ server, servers, answeredAt, now }}
      isSilent={silent.includes(server.name)}
      {...(position !== undefined && { position })}
    />
  );
  const isAgents = shown.some(({ isAgent }) => isAgent);
  const columns = isAgents
    ? (['server', 'state', 'images', 'backlog', 'latency', 'disk'] as const)
    : (['server', 'state', 'latency'] as const);
  return (
    <section aria-label={title}>
      {!isAgents && <h2 className={styles['heading']}>{title}</h2>}
      <div className={styles['head']} data-agent={isAgents} aria-hidden="true">
        {columns.map((column) => (
          <span key={column}>{t(column)}</span>
        ))}
      </div>
      {shown.length <= WHOLE ? (
        <ul className={styles['servers']}>{shown.map((server) => rowOf(server))}</ul>
      ) : (
        <VirtualRows title={title} shown={shown} rowOf={rowOf} />
      )}
    </section>
  );
}

interface VirtualProps extends Pick<Props, 'title' | 'shown'> {
  readonly rowOf: (server: ServerEntry, position: RowPosition) => ReactNode;
}

function VirtualRows({ title, shown, rowOf }: VirtualProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => shown[index]?.name ?? index,
    overscan: 5,
  });
  return (
    <div ref={frame} className={styles['frame']} tabIndex={0} role="group" aria-label={title}>
      <ul className={styles['servers']} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const server = shown[index];
          return server === undefined
            ? null
            : rowOf(server, { index, startPx: start, measure: virtual.measureElement });
        })}
      </ul>
    </div>
  );
}
