import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { joinSentences } from '#console/i18n/language.ts';
import { formatCountdown } from '#console/ui/countdown.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { AskFirst } from './ask-first.tsx';
import { CheckTable } from './check-table.tsx';
import { INTAKE_TEXTS } from './intake-texts.ts';
import type { AddedReport, CheckReport } from './queue-types.ts';
import type { Intake } from './use-queue.ts';
import { countOf } from './use-queue-texts.ts';
import styles from './queue.module.css';

export type IntakeTranslate = Translate<keyof typeof INTAKE_TEXTS.en>;

/** What an upload of the folders that were given would do, and what came of it; nothing while nothing was given. */
export function IntakePanel({ intake }: { readonly intake: Intake }): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  const { state } = intake;
  switch (state.kind) {
    case 'idle':
      return null;
    case 'adding':
      return (
        <p className={styles['note']} role="status">
          {t('adding')}
        </p>
      );
    case 'checking': {
      const { found } = state;
      const text =
        found === null
          ? t('checking')
          : t('checkingFound', {
              count: found.files,
              shown: formatCount(found.files),
              bytes: formatBytes(found.bytes),
            });
      return (
        <section className={styles['panel']} aria-label={t('title')}>
          <span>{text}</span>
          <Button size="xs" variant="default" onClick={intake.dismiss}>
            {t('discard')}
          </Button>
        </section>
      );
    }
    case 'checked':
      return <Checked intake={intake} report={state.report} />;
    case 'added':
      return <Added answer={state.answer} onDismiss={intake.dismiss} />;
    case 'failed':
      return (
        <section className={styles['panel']} aria-label={t('title')}>
          <FailureNote error={state.error} />
          <div className={styles['buttons']}>
            <Button size="xs" variant="default" onClick={intake.add}>
              {t('uploadUnlooked')}
            </Button>
            <Button size="xs" variant="default" onClick={intake.dismiss}>
              {t('discard')}
            </Button>
          </div>
        </section>
      );
  }
}

function Checked({ intake, report }: { readonly intake: Intake; readonly report: CheckReport }): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  const { files, bytes } = report.toSend;
  const { forecastSeconds } = report;
  const sends =
    files === 0
      ? t('nothingToSend')
      : t('toSend', { count: files, shown: formatCount(files), bytes: formatBytes(bytes) });
  const time =
    forecastSeconds === null || files === 0 ? [] : [t('forecast', { time: formatCountdown(forecastSeconds) })];
  return (
    <section className={styles['check']} aria-label={t('title')}>
      <div role="status">
        <h2 className={styles['checkTitle']}>{[sends, ...time].join(' · ')}</h2>
      </div>
      <CheckTable report={report} />
      {!report.hasAllTwins && <p className={styles['note']}>{t('notAllTwins')}</p>}
      <div className={styles['checkButtons']}>
        <Button size="xs" autoFocus onClick={intake.add}>
          {t('upload')}
        </Button>
        <Button size="xs" variant="default" onClick={intake.dismiss}>
          {t('discard')}
        </Button>
        <AskFirst intake={intake} />
      </div>
    </section>
  );
}

interface AddedProps {
  readonly answer: AddedReport;
  readonly onDismiss: () => void;
}

function Added({ answer: { added, known, passedOver }, onDismiss }: AddedProps): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  const { language } = useLanguage();
  const passed = Object.values(passedOver).reduce((sum, count) => sum + count, 0);
  const sentences = [
    added + known === 0 ? t('nothingFound') : countOf(t, 'added', added),
    ...(known > 0 ? [countOf(t, 'known', known)] : []),
    ...(passed > 0 ? [countOf(t, 'passed', passed)] : []),
  ];
  return (
    <p className={styles['note']} role="status">
      {joinSentences(sentences, language)}
      <Button size="compact-xs" variant="subtle" onClick={onDismiss}>
        {t('dismiss')}
      </Button>
    </p>
  );
}
