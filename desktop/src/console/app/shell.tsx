import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import { useHost, useSession } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { EmptyState } from '#console/ui/empty-state.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { LogoutButton } from './logout-button.tsx';
import { LostServer } from './lost-server.tsx';
import { PAGE_ROLES, hashOf, type PageName } from './pages.ts';
import { PageOf } from './page-of.tsx';
import { Preferences } from './preferences.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';
import { StatusLine } from './status-line.tsx';
import { useDrops, type Drops } from './use-drops.ts';
import { useKeyboard } from './use-keyboard.ts';
import { usePages, usePlace } from './use-place.ts';
import styles from './shell.module.css';

// A browser never asks for it.
const DesktopNotes = lazy(async () => ({ default: (await import('./desktop-notes.tsx')).DesktopNotes }));

/** Navigation, the page, and the status line below it. */
export function Shell(): ReactNode {
  const { page } = usePlace();
  const t = useTexts('shell', SHELL_TEXTS);
  const drops = useDrops();
  const pages = usePages();
  const isDesktop = useHost().capabilities.desktop !== null;
  const [isListingKeys, setListingKeys] = useState(false);
  useKeyboard(
    pages,
    useCallback(() => setListingKeys(true), []),
  );
  return (
    <div className={styles['shell']}>
      <header className={styles['top']}>
        <nav className={styles['nav']} aria-label={t('navigation')}>
          {pages.map((name) => (
            <a key={name} href={hashOf(name)} aria-current={name === page ? 'page' : undefined}>
              {t(name)}
            </a>
          ))}
        </nav>
        <div className={styles['tools']}>
          <Preferences />
          <LogoutButton />
        </div>
      </header>
      {isDesktop ? (
        <Suspense fallback={null}>
          <DesktopNotes />
        </Suspense>
      ) : (
        <LostServer />
      )}
      <main className={styles['main']}>
        <Allowed page={page} drops={drops} />
      </main>
      <StatusLine />
      <KeysDialog isOpen={isListingKeys} onClose={() => setListingKeys(false)} />
    </div>
  );
}

interface AllowedProps {
  readonly page: PageName;
  readonly drops: Drops;
}

function Allowed({ page, drops }: AllowedProps): ReactNode {
  const { roles, keyName } = useSession();
  const t = useTexts('shell', SHELL_TEXTS);
  const role = PAGE_ROLES[page];
  if (roles.includes(role)) return <PageOf page={page} drops={drops} />;
  return <EmptyState title={t('notAllowed')}>{t('notAllowedHint', { key: keyName ?? '', role })}</EmptyState>;
}
