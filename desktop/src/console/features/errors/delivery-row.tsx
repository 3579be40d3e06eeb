import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { memo, type ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { formatBytes, formatInstant } from '@imagefleet/shared/common/text/quantities.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { DELIVERIES_TEXTS, STATE_WORDS } from './deliveries-texts.ts';
import styles from './errors.module.css';

interface Props {
  readonly delivery: DeliveryEntry;
  readonly now: number;
}

/** One copy that is stuck. Drawn anew only when it has changed: there may be twenty in sight, and each scroll asks. */
export const DeliveryRow = memo(function DeliveryRow({ delivery, now }: Props): ReactNode {
  const { api } = useHost();
  const client = useQueryClient();
  const { language } = useLanguage();
  const t = useTexts('errors-deliveries', DELIVERIES_TEXTS);
  const word = useTexts('errors-delivery-state', STATE_WORDS);
  const { id, path, source, server, state, attempts, nextAttemptAt, sizeBytes, cause } = delivery;
  const replay = useMutation({
    mutationFn: () => api.replayDeliveries({ ids: [id], source, scope: 'fleet' }),
    onSettled: () => client.invalidateQueries({ queryKey: [QUERY.summary] }),
  });
  const cut = path.lastIndexOf('/') + 1;
  const isGoing = state === 'pending' || state === 'inflight';
  const outcome = replay.data === undefined ? null : outcomeOf(replay.data);
  return (
    <div className={styles['delivery']}>
      <span className={styles['path']} title={path}>
        <span className={styles['folder']}>{path.slice(0, cut)}</span>
        {path.slice(cut)}
      </span>
      <span className={styles['dimmed']} title={cause?.message}>
        {word(state)}
        {attempts > 0 && ` · ${t('attempts', { count: attempts })}`}
        {state === 'failed' && nextAttemptAt !== null && ` · ${t('next', { at: formatInstant(nextAttemptAt, now) })}`}
        {` · ${formatBytes(sizeBytes)} · ${t('from', { source })}`}
      </span>
      <span role="status" className={styles['dimmed']}>
        {replay.isError &&
          errorSentence(replay.error instanceof FleetError ? replay.error.code : 'INTERNAL', language).title}
        {outcome !== null && t(outcome, { source })}
      </span>
      <Button
        size="compact-xs"
        variant="default"
        disabled={isGoing}
        loading={replay.isPending}
        aria-label={t('replayLabel', { path, server })}
        onClick={() => replay.mutate()}
      >
        {t('replayOne')}
      </Button>
    </div>
  );
});

function outcomeOf({
  requeued,
  unreachable,
  silent,
}: OperatorOutput<'replayDeliveries'>): 'sent' | 'unreachable' | 'silent' | 'gone' {
  if (requeued > 0) return 'sent';
  if (silent.length > 0) return 'silent';
  return unreachable.length > 0 ? 'unreachable' : 'gone';
}
