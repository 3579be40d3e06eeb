import type { ReactNode } from 'react';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { DETAIL_TEXTS } from './detail-texts.ts';
import { formatMs, sparkPath, topOf } from './sparkline.ts';
import { stepMs } from './timeline.ts';
import styles from './detail.module.css';

const WIDTH = 1000;
const HEIGHT = 100;
const GAP_STEPS = 2.5;

/** The latency of the whole range, over the same time as the states above it. */
export function LatencyChart({ history }: { readonly history: HistoryAnswer }): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const last = history.latency.findLast(({ p50Ms }) => p50Ms !== null)?.p50Ms ?? null;
  if (last === null) return null;
  const topMs = topOf(history.latency);
  const frame = { from: history.from, to: history.to, width: WIDTH, height: HEIGHT, topMs };
  const label = t('chart', { last: formatMs(last), top: formatMs(topMs) });
  return (
    <figure className={styles['chart']}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path d={sparkPath(history.latency, frame, stepMs(history.latency) * GAP_STEPS)} />
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
