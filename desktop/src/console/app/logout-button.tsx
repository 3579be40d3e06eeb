import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { isBusy } from '#console/api/ongoing-work.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { logout } from './coming-and-going.ts';
import { SHELL_TEXTS } from './shell-texts.ts';
import styles from './shell.module.css';

/** Logs out; where uploads are under way only when that is asked for in as many words. */
export function LogoutButton(): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const { keyName } = useSession();
  const t = useTexts('shell', SHELL_TEXTS);
  const [isAsking, setAsking] = useState(false);
  const leaving = useMutation({ mutationFn: () => logout({ host, client }) });
  // Where no key is configured nobody is logged in, and nobody can leave.
  if (!host.capabilities.hasLogin || keyName === null) return null;
  const { error } = leaving;
  return (
    <>
      {error !== null && (
        <span className={styles['problem']} role="alert" title={error.message}>
          {t('logoutFailed')} {error instanceof FleetError && <small>{error.code}</small>}
        </span>
      )}
      <Button
        size="xs"
        variant={isAsking ? 'filled' : 'default'}
        {...(isAsking ? { color: 'red.9' } : {})}
        loading={leaving.isPending}
        onBlur={() => setAsking(false)}
        onClick={() => {
          if (!isAsking && isBusy(host)) setAsking(true);
          else leaving.mutate();
        }}
      >
        {isAsking ? t('logoutBusy') : t('logout')}
      </Button>
    </>
  );
}
