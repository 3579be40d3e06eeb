import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useHost } from '#console/api/host-context.tsx';
import { endWork, isBusy } from '#console/api/ongoing-work.ts';
import { QUERY } from '#console/api/queries.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';

/** Logs out; where uploads are under way only when that is asked for in as many words. */
export function LogoutButton(): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  const t = useTexts('shell', SHELL_TEXTS);
  const [isAsking, setAsking] = useState(false);
  if (!host.capabilities.hasLogin) return null;
  const logout = async (): Promise<void> => {
    if (!isAsking && isBusy(host)) {
      setAsking(true);
      return;
    }
    await host.logout();
    // Nothing of what the last operator saw is kept for the next one.
    endWork(host);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== QUERY.session });
    client.setQueryData([QUERY.session], { session: null, error: null });
  };
  return (
    <Button
      size="xs"
      variant={isAsking ? 'filled' : 'default'}
      {...(isAsking ? { color: 'red.9' } : {})}
      onBlur={() => setAsking(false)}
      onClick={() => void logout()}
    >
      {isAsking ? t('logoutBusy') : t('logout')}
    </Button>
  );
}
