import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import { FLEET_TEXTS } from './fleet-texts.ts';
import { formatMs, sparkPath, topOf } from './sparkline.ts';
import { stepMs } from './timeline.ts';
import { useHour } from './use-history.ts';
import styles from './fleet.module.css';

const WIDTH = 120;
const HEIGHT = 24;
/** An interval or two may lie between two points of a line; more is a gap. */
const GAP_STEPS = 2.5;

/** The last hour as a line, and the newest median in words. */
export function LatencyLine({ server }: { readonly server: string }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  const { data } = useHour(server);
  const points = data?.latency ?? [];
  const last = points.findLast(({ p50Ms }) => p50Ms !== null)?.p50Ms ?? null;
  if (data === undefined || last === null) {
    const isProbed = points.some(({ count }) => count > 0);
    return <span className={styles['dimmed']}>{data === undefined ? '' : t(isProbed ? 'noAnswer' : 'noProbes')}</span>;
  }
  // Of a server that does not answer any more the last number is old.
  const isSilent = points.findLast(({ count }) => count > 0)?.p50Ms === null;
  const frame = { from: data.from, to: data.to, width: WIDTH, height: HEIGHT, topMs: topOf(points) * 1.15 };
  return (
    <span className={styles['latency']}>
      <svg
        className={styles['spark']}
        viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d={sparkPath(points, frame, stepMs(points) * GAP_STEPS)} />
      </svg>
      <span className={isSilent ? styles['dimmed'] : undefined}>{isSilent ? t('noAnswer') : formatMs(last)}</span>
    </span>
  );
}
