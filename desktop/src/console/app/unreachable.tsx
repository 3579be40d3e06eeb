import { Button, Center, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import type { Texts } from '#console/i18n/language.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';

const TEXTS = {
  en: { title: 'This server does not answer', retry: 'Try again' },
  zh: { title: '这台服务器没有响应', retry: '重试' },
} as const satisfies Texts<string>;

/** Nothing can be said of the session, because the server cannot be asked. */
export function Unreachable({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const t = useTexts('unreachable', TEXTS);
  return (
    <Center component="main" h="100vh" p="md">
      <Stack>
        <Title order={1} size="h3">
          {t('title')}
        </Title>
        <FailureNote error={error} />
        <Button onClick={onRetry}>{t('retry')}</Button>
      </Stack>
    </Center>
  );
}
