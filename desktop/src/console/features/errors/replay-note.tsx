import type { ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage, useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { joinNames, joinSentences, type Language } from '#console/i18n/language.ts';
import { Announcement } from '#console/ui/announcement.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import type { ReplayBegun, ReplayProgress } from './replay-state.ts';
import { REPLAY_TEXTS } from './replay-texts.ts';
import type { Replay } from './use-replay.ts';
import styles from './errors.module.css';

interface Props {
  readonly replay: Replay;
  readonly isNothingStuck: boolean;
}

/** How far the replay is, and who could not be asked. */
export function ReplayNote({ replay: { start, begun, progress }, isNothingStuck }: Props): ReactNode {
  const t = useTexts('errors-replay', REPLAY_TEXTS);
  const { language } = useLanguage();
  if (start.isError) return <FailureNote error={start.error} />;
  if (start.isPending) return <p className={styles['replay']}>{t('asking')}</p>;
  if (begun === undefined || progress === undefined) return null;
  // What could not be sent out then has gone out by itself since.
  if (begun.requeued === 0 && isNothingStuck) return null;
  const sentence = joinSentences(sentencesOf(begun, progress, { t, language }), language);
  return (
    <div className={styles['replay']}>
      {!progress.isOver && <progress value={progress.done} max={Math.max(1, progress.total)} aria-label={sentence} />}
      <span>{sentence}</span>
      <Announcement message={sentence} />
    </div>
  );
}

function sentencesOf(
  { unreachable, silent }: ReplayBegun,
  { total, done, failed, isOver }: ReplayProgress,
  { t, language }: { readonly t: Translate<keyof (typeof REPLAY_TEXTS)['en']>; readonly language: Language },
): readonly string[] {
  const arrived = done - failed;
  // Of a server that cannot be reached it is told already.
  const quiet = silent.filter((name) => !unreachable.includes(name));
  return [
    ...(isOver ? [] : [t('running', { done: formatCount(done), total: formatCount(total) })]),
    ...(isOver && total > 0 ? [t('over', { count: arrived, shown: formatCount(arrived) })] : []),
    ...(isOver && total === 0 ? [t('nothing')] : []),
    ...(failed > 0 ? [t('failed', { count: failed, shown: formatCount(failed) })] : []),
    ...(unreachable.length > 0 ? [t('unreachable', { servers: joinNames(unreachable, language) })] : []),
    ...(quiet.length > 0 ? [t('silent', { servers: joinNames(quiet, language) })] : []),
  ];
}
