import { useCallback, useState, type ReactNode } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Dropped } from '#console/features/upload/use-intake.ts';
import { EmptyState } from '#console/ui/empty-state.tsx';
import type { Handover } from '#console/ui/handover.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { LogoutButton } from './logout-button.tsx';
import { LostServer } from './lost-server.tsx';
import { PAGE_ROLES, PAGES, hashOf, type PageName } from './pages.ts';
import { PageOf } from './page-of.tsx';
import { Preferences } from './preferences.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';
import { StatusLine } from './status-line.tsx';
import { useDrops } from './use-drops.ts';
import { useKeyboard } from './use-keyboard.ts';
import { usePlace } from './use-place.ts';
import styles from './shell.module.css';

/** Navigation, the page, and the status line below it. */
export function Shell(): ReactNode {
  const { page } = usePlace();
  const t = useTexts('shell', SHELL_TEXTS);
  const dropped = useDrops();
  const [isListingKeys, setListingKeys] = useState(false);
  useKeyboard(useCallback(() => setListingKeys(true), []));
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
          <LogoutButton />
        </div>
      </header>
      <LostServer />
      <main className={styles['main']}>
        <Allowed page={page} dropped={dropped} />
      </main>
      <StatusLine />
      <KeysDialog isOpen={isListingKeys} onClose={() => setListingKeys(false)} />
    </div>
  );
}

interface AllowedProps {
  readonly page: PageName;
  readonly dropped: Handover<Dropped>;
}

function Allowed({ page, dropped }: AllowedProps): ReactNode {
  const { roles, keyName } = useSession();
  const t = useTexts('shell', SHELL_TEXTS);
  const role = PAGE_ROLES[page];
  if (roles.includes(role)) return <PageOf page={page} dropped={dropped} />;
  return <EmptyState title={t('notAllowed')}>{t('notAllowedHint', { key: keyName ?? '', role })}</EmptyState>;
}
