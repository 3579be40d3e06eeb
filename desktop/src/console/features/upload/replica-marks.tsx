import type { ReactNode } from 'react';
import { errorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { useSession } from '#console/api/host-context.tsx';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

const SHAPES: Readonly<Record<Replica['state'], string>> = { stored: '●', pending: '○', failed: '▲' };
const WORDS = { stored: 'stored', pending: 'pending', failed: 'replicaFailed' } as const;

/** The receipt: one small mark for each server, as it arrives there. */
export function ReplicaMarks({ replicas }: { readonly replicas: readonly Replica[] }): ReactNode {
  const t = useUploadTexts();
  const { language } = useLanguage();
  const isReader = useSession().roles.includes('read');
  // Without the role nobody tells when a copy has arrived: what was on its way once says nothing later.
  const known = isReader ? replicas : replicas.filter(({ state }) => state === 'stored');
  return (
    <span className={styles['marks']}>
      {known.map(({ server, state, code }) => {
        const why = code === undefined ? '' : `, ${errorSentence(code, language).title}`;
        const words = `${server}: ${t(WORDS[state])}${why}`;
        return (
          <span key={server} className={styles['mark']} data-state={state} title={words} role="img" aria-label={words}>
            {SHAPES[state]} {server}
          </span>
        );
      })}
    </span>
  );
}
