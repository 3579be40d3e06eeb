import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSession } from '#console/api/host-context.tsx';
import { ChooseButtons } from './choose-buttons.tsx';
import { IntakeNote } from './intake-note.tsx';
import type { Intake } from './use-intake.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** Fills the page when there is nothing else. */
export function DropArea({ intake }: { readonly intake: Intake }): ReactNode {
  const t = useUploadTexts();
  const { server } = useSession();
  return (
    <div className={styles['area']} data-over={intake.isOver}>
      <svg className={styles['areaIcon']} viewBox="0 0 48 48" fill="none" stroke="currentColor" aria-hidden="true">
        <path d="M24 32V10M15 18l9-9 9 9M8 30v8h32v-8" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <Title order={2} size="h3">
        {intake.isOver ? t('dropNow') : t('emptyTitle')}
      </Title>
      <p className={styles['areaHint']}>{t('emptyHint', { server })}</p>
      <div className={styles['buttons']}>
        <ChooseButtons size="md" onChosen={intake.choose} />
      </div>
      <IntakeNote intake={intake} />
    </div>
  );
}
