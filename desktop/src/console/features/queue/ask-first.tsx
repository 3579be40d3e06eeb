import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '#console/i18n/language-context.tsx';
import { INTAKE_TEXTS } from './intake-texts.ts';
import type { Intake } from './use-queue.ts';

/** Whether what is given goes out without a look at it first; kept on this computer. */
export function AskFirst({ intake }: { readonly intake: Intake }): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  return (
    <Checkbox
      size="xs"
      label={t('straight')}
      checked={!intake.asksFirst}
      onChange={({ currentTarget }) => intake.setAsksFirst(!currentTarget.checked)}
    />
  );
}
