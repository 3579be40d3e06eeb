import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { joinSentences } from '#console/i18n/language.ts';
import { countOf } from './sentence.ts';
import type { Intake } from './use-intake.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** What was passed over when files came in; nothing when all of them were images. */
export function IntakeNote({ intake }: { readonly intake: Intake }): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  const { isReading, news, dismiss } = intake;
  if (isReading) return <p className={styles['note']}>{t('reading')}</p>;
  if (news === null) return null;
  const sentences = [
    ...(news.found === 0 ? [t('nothingFound')] : []),
    ...(news.notImages > 0 ? [countOf(t, 'skipped', news.notImages)] : []),
    ...(news.unreadable > 0 ? [countOf(t, 'unreadable', news.unreadable)] : []),
  ];
  if (sentences.length === 0) return null;
  return (
    <p className={styles['note']} role="status">
      {joinSentences(sentences, language)}
      <Button size="compact-xs" variant="subtle" onClick={dismiss}>
        {t('dismiss')}
      </Button>
    </p>
  );
}
