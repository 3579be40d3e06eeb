import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { useHost } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { MAINTENANCE_TEXTS } from './maintenance-texts.ts';
import styles from './detail.module.css';

interface Props {
  readonly server: ServerEntry;
  readonly servers: readonly ServerEntry[];
}

/** Takes a server out of web traffic, or back; says what that means before it is done. */
export function Maintenance({ server, servers }: Props): ReactNode {
  const { api } = useHost();
  const client = useQueryClient();
  const t = useTexts('fleet-maintenance', MAINTENANCE_TEXTS);
  const { language } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const isOn = server.state === 'maintenance';
  const change = useMutation({
    mutationFn: () => api.setMaintenance({ name: server.name, on: !isOn, scope: 'fleet' }),
    onSettled: () => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: [QUERY.servers] });
      void client.invalidateQueries({ queryKey: [QUERY.history] });
    },
  });
  const left = servers.filter(({ name, state, isAgent }) => {
    return name !== server.name && isAgent === server.isAgent && state === 'up';
  }).length;
  const total = servers.filter(({ isAgent }) => isAgent === server.isAgent).length;
  const label = t(isOn ? 'end' : 'begin');
  const what = isOn ? 'endWhat' : left === 0 ? 'beginLast' : 'beginWhat';
  return (
    <div>
      {!isAsking && (
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {label}
        </Button>
      )}
      {isAsking && (
        <div className={styles['ask']} data-last={what === 'beginLast'}>
          <Text size="sm" mb={8}>
            {t(what, { server: server.name, left, total })}
          </Text>
          <Group gap="xs">
            <Button size="xs" loading={change.isPending} onClick={() => change.mutate()}>
              {label}
            </Button>
            <Button size="xs" variant="default" onClick={() => setAsking(false)}>
              {t('cancel')}
            </Button>
          </Group>
        </div>
      )}
      {change.isError && <FailureNote error={change.error} />}
      {change.data !== undefined && change.data.silent.length > 0 && (
        <Text size="sm">{t('silent', { servers: joinNames(change.data.silent, language) })}</Text>
      )}
    </div>
  );
}
