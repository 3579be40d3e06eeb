import { Alert, Anchor, List } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import { useLiveState } from '#console/api/live.tsx';
import { useTexts } from '#console/i18n/language-context.tsx';
import { SHELL_TEXTS } from './shell-texts.ts';

/** A short break, such as a restart, is no news. */
const PATIENCE_MS = 3000;

/** The agent that this page came from is gone: says so, and offers the others. */
export function LostServer(): ReactNode {
  const t = useTexts('shell', SHELL_TEXTS);
  const { server, servers } = useSession();
  const isLost = useLiveState() === 'lost';
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setGone(isLost), isLost ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isLost]);
  if (!isGone) return null;
  const others = servers.filter(({ name }) => name !== server);
  return (
    <Alert color="red" title={t('gone', { server })} role="alert">
      {t(others.length === 0 ? 'goneAlone' : 'goneHint')}
      {others.length > 0 && (
        <List size="sm">
          {others.map(({ name, url }) => (
            <List.Item key={name}>
              <Anchor href={`${url}/console`} c="inherit" underline="always">
                {name}
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
