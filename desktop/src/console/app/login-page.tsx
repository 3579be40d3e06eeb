import { Alert, Button, PasswordInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode, type SyntheticEvent } from 'react';
import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Session } from '#console/api/host.ts';
import { useHost } from '#console/api/host-context.tsx';
import { waitingFor } from '#console/api/ongoing-work.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { LoginFailure } from './login-failure.tsx';
import { LOGIN_TEXTS } from './login-texts.ts';
import { Preferences } from './preferences.tsx';
import styles from './login-page.module.css';

interface Props {
  /** Why a one-time link did not open the door. */
  readonly linkError: FleetError | null;
  readonly onEntered: (session: Session) => void;
}

export function LoginPage({ linkError, onEntered }: Props): ReactNode {
  const host = useHost();
  const t = useTexts('login', LOGIN_TEXTS);
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const waiting = waitingFor(host);
  const login = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onEntered(await host.login({ key }));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <main className={styles['page']}>
      <Paper component="form" withBorder className={styles['card']} onSubmit={(event) => void login(event)}>
        <Stack gap="md">
          <div>
            <Title order={1} size="h3">
              {t('title')}
            </Title>
            <Text c="dimmed" size="sm">
              {t('subtitle', { server: location.host })}
            </Text>
          </div>
          {waiting !== null && (
            <Alert color="blue" title={t('waits')}>
              {waiting === '' ? t('waitsHintNameless') : t('waitsHint', { key: waiting })}
            </Alert>
          )}
          <PasswordInput
            label={t('key')}
            description={t('keyHint')}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="current-password"
            autoFocus
            visibilityToggleButtonProps={{ 'aria-label': t('showKey') }}
          />
          <LoginFailure error={error ?? linkError} />
          <Button type="submit" loading={isBusy} disabled={key.trim() === ''}>
            {t('enter')}
          </Button>
        </Stack>
      </Paper>
      <Preferences />
    </main>
  );
}
