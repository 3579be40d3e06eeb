import { useState, type ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { formatBytes, formatCount, formatInstant, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { usePlaceQuery } from '#console/ui/use-place-query.ts';
import { formatCountdown } from '#console/ui/countdown.ts';
import { StateBadge } from '#console/ui/state-badge.tsx';
import { secondsLeft } from './countdown.ts';
import { openOf } from './fleet-answer.ts';
import { FLEET_TEXTS } from './fleet-texts.ts';
import { LatencyLine } from './latency-line.tsx';
import { ServerDetail } from './server-detail.tsx';
import styles from './fleet.module.css';

/** Where a row stands in a list that shows only what can be seen. */
export interface RowPosition {
  readonly index: number;
  readonly startPx: number;
  readonly measure: (row: HTMLLIElement | null) => void;
}

interface Props {
  readonly server: ServerEntry;
  readonly servers: readonly ServerEntry[];
  readonly isSilent: boolean;
  /** When the answer came that `server` is from, epoch milliseconds. */
  readonly answeredAt: number;
  readonly now: number;
  readonly position?: RowPosition;
}

/** Closed at first, but for the server that the address names: somebody was sent to it (`#/fleet?server=s2`). */
function useOpen(name: string): readonly [boolean, (isOpen: boolean) => void] {
  const [query] = usePlaceQuery();
  const [isOpen, setOpen] = useState(false);
  const [sentBy, setSentBy] = useState<URLSearchParams | null>(null);
  if (query !== sentBy) {
    setSentBy(query);
    if (query.get('server') === name) setOpen(true);
  }
  return [isOpen, setOpen];
}

/** One server as a line; its name opens what is known of it. */
export function ServerRow(props: Props): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const { server, servers, now, position } = props;
  const [isOpen, setOpen] = useOpen(server.name);
  return (
    <li
      className={position === undefined ? styles['server'] : `${styles['server'] ?? ''} ${styles['placed'] ?? ''}`}
      {...(position !== undefined && {
        ref: position.measure,
        'data-index': position.index,
        style: { transform: `translateY(${String(position.startPx)}px)` },
      })}
    >
      <div className={styles['row']} data-agent={server.isAgent}>
        <div className={styles['name']}>
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={t(isOpen ? 'close' : 'open', { server: server.name })}
            onClick={() => setOpen(!isOpen)}
          >
            <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span> {server.name}
          </button>
          {server.unencrypted && (
            <span className={styles['tag']} title={t('unencryptedHint')}>
              {t('unencrypted')}
            </span>
          )}
          {props.isSilent && <span className={styles['tag']}>{t('silent')}</span>}
        </div>
        <StateCell {...props} />
        {server.isAgent && <ImageCells server={server} />}
        <div className={styles['cell']}>
          <span className={styles['label']}>{t('latency')}</span>
          <LatencyLine server={server.name} />
        </div>
        {server.isAgent && <DiskCell disk={server.disk} />}
      </div>
      {isOpen && <ServerDetail server={server} servers={servers} now={now} />}
    </li>
  );
}

function StateCell({ server, answeredAt, now }: Props): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const { language } = useLanguage();
  const { state, since, warmUpLeftMs, cause } = server;
  const left = warmUpLeftMs === null ? null : secondsLeft(warmUpLeftMs, answeredAt, now);
  return (
    <div className={styles['cell']}>
      <span className={styles['label']}>{t('state')}</span>
      <StateBadge state={state} />{' '}
      <span className={styles['dimmed']}>
        {left !== null && (left > 0 ? t('warmUpLeft', { left: formatCountdown(left) }) : t('warmUpOver'))}
        {left === null && since !== null && t('since', { at: formatInstant(since, now) })}
        {cause !== null && (
          <span title={`${cause.code}: ${cause.message}`}>{` · ${errorSentence(cause.code, language).title}`}</span>
        )}
      </span>
    </div>
  );
}

function ImageCells({ server }: { readonly server: ServerEntry }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const { images, backlog, lagSeconds, reseed } = server;
  const open = backlog === null ? null : openOf(backlog);
  return (
    <>
      <div className={styles['cell']} data-number>
        <span className={styles['label']}>{t('images')}</span>
        {images === null ? <span className={styles['dimmed']}>{t('notKnown')}</span> : formatCount(images)}
      </div>
      <div className={styles['cell']}>
        <span className={styles['label']}>{t('backlog')}</span>
        {open === null && <span className={styles['dimmed']}>{t('notKnown')}</span>}
        {open === 0 && reseed === null && <span className={styles['dimmed']}>{t('nothing')}</span>}
        {open !== null && open > 0 && (
          <span>
            {t('owes', { count: open, shown: formatCount(open) })}
            {lagSeconds !== null && ` · ${t('lag', { lag: formatSeconds(lagSeconds) })}`}
          </span>
        )}
        {reseed !== null && <Filling reseed={reseed} />}
      </div>
    </>
  );
}

function Filling({ reseed }: { readonly reseed: NonNullable<ServerEntry['reseed']> }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const { done, total, etaSeconds } = reseed;
  const values = { done: formatCount(done), total: formatCount(total) };
  const sentence =
    etaSeconds === null ? t('filling', values) : t('fillingEta', { ...values, eta: formatSeconds(etaSeconds) });
  return (
    <span className={styles['filling']}>
      <progress value={done} max={Math.max(1, total)} aria-label={sentence} />
      {sentence}
    </span>
  );
}

function DiskCell({ disk }: { readonly disk: ServerEntry['disk'] }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const used = disk === null ? 0 : 1 - disk.freeBytes / Math.max(1, disk.totalBytes);
  return (
    <div className={styles['cell']}>
      <span className={styles['label']}>{t('disk')}</span>
      {disk === null ? (
        <span className={styles['dimmed']}>{t('notKnown')}</span>
      ) : (
        <span className={styles['disk']}>
          <span className={styles['bar']} aria-hidden="true">
            <span style={{ width: `${(used * 100).toFixed(1)}%` }} data-full={used > FULL} />
          </span>
          {t('free', { free: formatBytes(disk.freeBytes), total: formatBytes(disk.totalBytes) })}
        </span>
      )}
    </div>
  );
}

/** From here on the bar warns. */
const FULL = 0.9;
