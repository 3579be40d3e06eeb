import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EngineLimits } from '#bridge/engine-api.ts';
import { formatBytes } from '@imagefleet/shared/common/text/quantities.ts';
import type { QueueFeed } from './queue-feed.ts';
import { countOf, useQueueTexts } from './use-queue-texts.ts';

const MB = 1024 * 1024;
const RATES = [0, MB / 4, MB, 2 * MB, 5 * MB, 10 * MB, 50 * MB] as const;
const REQUESTS = [1, 2, 4, 6, 8, 16, 32] as const;

interface Props {
  readonly feed: QueueFeed;
  readonly limits: EngineLimits;
}

/** How much of the line the upload may take. What the command line has set is a choice too. */
export function LimitFields({ feed, limits: { bytesPerSecond, requests } }: Props): ReactNode {
  const t = useQueueTexts();
  const rates = withOwn(RATES, bytesPerSecond).map((rate) => ({
    value: String(rate),
    label: rate === 0 ? t('noLimit') : t('perSecond', { speed: formatBytes(rate) }),
  }));
  const counts = withOwn(REQUESTS, requests).map((count) => ({
    value: String(count),
    label: countOf(t, 'requestCount', count),
  }));
  const set = (limits: Partial<EngineLimits>): void => void feed.change((engine) => engine.setLimits(limits));
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={t('rate')}
        value={String(bytesPerSecond)}
        data={rates}
        onChange={({ currentTarget }) => set({ bytesPerSecond: Number(currentTarget.value) })}
      />
      <NativeSelect
        size="xs"
        aria-label={t('requests')}
        value={String(requests)}
        data={counts}
        onChange={({ currentTarget }) => set({ requests: Number(currentTarget.value) })}
      />
    </>
  );
}

function withOwn(offered: readonly number[], own: number): readonly number[] {
  return offered.includes(own) ? offered : [...offered, own].sort((a, b) => a - b);
}
