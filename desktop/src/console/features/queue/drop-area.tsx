import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { AskFirst } from './ask-first.tsx';
import { ChooseButtons } from './choose-buttons.tsx';
import type { Intake } from './use-queue.ts';
import { useQueueTexts } from './use-queue-texts.ts';
import styles from './queue.module.css';

interface Props {
  /** Something is held over the window. */
  readonly isOver: boolean;
  readonly intake: Intake;
}

/** Fills the page when there is nothing else. */
export function DropArea({ isOver, intake }: Props): ReactNode {
  const t = useQueueTexts();
  return (
    <div className={styles['area']} data-over={isOver}>
      <svg className={styles['areaIcon']} viewBox="0 0 48 48" fill="none" stroke="currentColor" aria-hidden="true">
        <path d="M24 32V10M15 18l9-9 9 9M8 30v8h32v-8" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <Title order={2} size="h3">
        {isOver ? t('dropNow') : t('emptyTitle')}
      </Title>
      <p className={styles['areaHint']}>{t('emptyHint')}</p>
      <div className={styles['buttons']}>
        <ChooseButtons size="md" onChosen={intake.take} />
      </div>
      <AskFirst intake={intake} />
    </div>
  );
}
