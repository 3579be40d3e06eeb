import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { QUERY } from '#console/api/queries.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { EmptyState } from '#console/ui/empty-state.tsx';
import { LostServer } from './lost-server.tsx';
import { PAGE_ROLES, PAGES, hashOf, type PageName } from './pages.ts';
import { PageOf } from './page-of.tsx';
import { Preferences } from './preferences.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';
import { StatusLine } from './status-line.tsx';
import { useKeyboard } from './use-keyboard.ts';
import { usePlace } from './use-place.ts';
import styles from './shell.module.css';

/** Navigation, the page, and the status line below it. */
export function Shell(): ReactNode {
  const { page } = usePlace();
  const t = useTexts('shell', SHELL_TEXTS);
  useKeyboard();
  return (
    <div className={styles['shell']}>
      <header className={styles['top']}>
        <nav className={styles['nav']} aria-label={t('navigation')}>
          {PAGES.map((name) => (
            <a key={name} href={hashOf(name)} aria-current={name === page ? 'page' : undefined}>
              {t(name)}
            </a>
          ))}
        </nav>
        <div className={styles['tools']}>
          <Preferences />
          <LogoutButton label={t('logout')} />
        </div>
      </header>
      <LostServer />
      <main className={styles['main']}>
        <Allowed page={page} />
      </main>
      <StatusLine />
    </div>
  );
}

function Allowed({ page }: { readonly page: PageName }): ReactNode {
  const { roles, keyName } = useSession();
  const t = useTexts('shell', SHELL_TEXTS);
  const role = PAGE_ROLES[page];
  if (roles.includes(role)) return <PageOf page={page} />;
  return <EmptyState title={t('notAllowed')}>{t('notAllowedHint', { key: keyName ?? '', role })}</EmptyState>;
}

function LogoutButton({ label }: { readonly label: string }): ReactNode {
  const host = useHost();
  const client = useQueryClient();
  if (!host.capabilities.hasLogin) return null;
  const logout = async (): Promise<void> => {
    await host.logout();
    // Nothing of what the last operator saw is kept for the next one.
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== QUERY.session });
    client.setQueryData([QUERY.session], { session: null, error: null });
  };
  return (
    <Button size="xs" variant="default" onClick={() => void logout()}>
      {label}
    </Button>
  );
}
