import { Alert } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { TooManyLogins } from '#console/api/too-many-logins.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { formatCountdown } from '#console/ui/countdown.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { useNow } from '#console/ui/use-now.ts';
import { LOGIN_TEXTS } from './login-texts.ts';

/** Why nobody is logged in now, by a key or by a link. */
export function LoginFailure({ error }: { readonly error: unknown }): ReactNode {
  const t = useTexts('login', LOGIN_TEXTS);
  if (error === null) return null;
  if (error instanceof TooManyLogins) return <Wait error={error} />;
  if (!(error instanceof FleetError) || error.code !== 'TOKEN_WRONG') return <FailureNote error={error} />;
  return (
    <Alert color="yellow" title={t('linkOver')}>
      {t('linkOverHint')}
    </Alert>
  );
}

/** Counts down the seconds that the server told. */
function Wait({ error }: { readonly error: TooManyLogins }): ReactNode {
  const t = useTexts('login', LOGIN_TEXTS);
  const [until] = useState(() => Date.now() + error.waitSeconds * 1000);
  const seconds = (until - useNow(1000)) / 1000;
  return (
    <Alert color="yellow" title={t('tooMany')}>
      {/* A screen reader hears the alert once, and not again with every second. */}
      <span aria-live="off">
        {seconds > 0 ? t('tooManyWait', { time: formatCountdown(seconds) }) : t('tooManyOver')}
      </span>
    </Alert>
  );
}
