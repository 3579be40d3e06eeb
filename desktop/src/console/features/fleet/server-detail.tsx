import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { useSession } from '#console/api/host-context.tsx';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { DETAIL_TEXTS } from './detail-texts.ts';
import { LatencyChart } from './latency-chart.tsx';
import { Maintenance } from './maintenance.tsx';
import { TimeLine } from './time-line.tsx';
import { blocksOf } from './timeline.ts';
import { Transitions } from './transitions.tsx';
import { useDay, useWhy } from './use-history.ts';
import { Why } from './why.tsx';
import styles from './detail.module.css';

interface Props {
  readonly server: ServerEntry;
  readonly servers: readonly ServerEntry[];
  readonly now: number;
}

/** A server's day, why it is judged as it is, and what can be done. */
export function ServerDetail({ server, servers, now }: Props): ReactNode {
  const t = useTexts('fleet-detail', DETAIL_TEXTS);
  const { language } = useLanguage();
  const { roles } = useSession();
  const day = useDay(server.name);
  const why = useWhy(server.name);
  const { cause } = server;
  return (
    <div className={styles['detail']}>
      {cause !== null && (
        <p>
          {errorSentence(cause.code, language).title} <small title={cause.message}>{cause.code}</small>
          <br />
          {errorSentence(cause.code, language).todo}
        </p>
      )}
      {day.isError && <FailureNote error={day.error} />}
      {day.data !== undefined && (
        <>
          <h2>{t('timeline')}</h2>
          <TimeLine blocks={blocksOf(day.data, server)} history={day.data} />
          <LatencyChart history={day.data} />
        </>
      )}
      <div className={styles['columns']}>
        <div>
          <h2>{t('transitions')}</h2>
          {day.data !== undefined && <Transitions transitions={day.data.transitions} now={now} />}
        </div>
        <div>
          <h2>{t('why')}</h2>
          {why.data !== undefined && <Why verdict={why.data} now={now} />}
          {why.isError && <FailureNote error={why.error} />}
        </div>
      </div>
      <div className={styles['foot']}>
        {roles.includes('operator') && <Maintenance server={server} servers={servers} />}
        <Text size="xs" c="dimmed">
          {t('address')} {server.url}
          {server.address !== null && ` · ${server.address}`}
        </Text>
      </div>
    </div>
  );
}
