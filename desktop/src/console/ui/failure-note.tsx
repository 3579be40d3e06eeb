import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';

/** A failure as people read it: what happened, what to do, and the code small beside it for the search engine. */
export function FailureNote({ error }: { readonly error: unknown }): ReactNode {
  const { language } = useLanguage();
  const code = error instanceof FleetError ? error.code : 'INTERNAL';
  const { title, todo } = errorSentence(code, language);
  return (
    <Alert color="red" title={title} role="alert">
      <Text size="sm">{todo}</Text>
      <Text size="xs" c="dimmed" title={error instanceof Error ? error.message : String(error)}>
        {code}
      </Text>
    </Alert>
  );
}
