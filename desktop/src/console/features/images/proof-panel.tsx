import { Button, Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Proof, ProofServer } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useProofOfNow } from '#console/api/use-proofs.ts';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { saveProof } from '#console/ui/save-proof.ts';
import { Mark, type Tone } from './mark.tsx';
import { PROOF_TEXTS } from './proof-texts.ts';
import { SidePanel } from './side-panel.tsx';
import styles from './side-panel.module.css';

const RESULTS = {
  same: ['good', 'resultSame'],
  differs: ['bad', 'resultDiffers'],
  incomplete: ['unknown', 'resultIncomplete'],
} as const;
const TONES: Readonly<Record<ProofServer['state'], Tone>> = { same: 'good', differs: 'bad', silent: 'unknown' };

/** Whether the servers hold the same images, as a document that is shown and can be kept. */
export function ProofPanel({ onClose }: { readonly onClose: () => void }): ReactNode {
  const t = useTexts('proof', PROOF_TEXTS);
  const { data, error, isFetching, refetch } = useProofOfNow();
  return (
    <SidePanel title={t('title')} subject="proof" onClose={onClose}>
      <p className={styles['small']}>{t('intro')}</p>
      {isFetching && (
        <p className={styles['text']} role="status">
          <Loader size="xs" /> {t('asking')}
        </p>
      )}
      {error !== null && <FailureNote error={error} />}
      {data !== undefined && <ProofDocument proof={data} />}
      <div className={styles['copies']}>
        {data !== undefined && (
          <Button size="xs" onClick={() => saveProof(data)}>
            {t('download')}
          </Button>
        )}
        <Button size="xs" variant="default" disabled={isFetching} onClick={() => void refetch()}>
          {t('again')}
        </Button>
      </div>
    </SidePanel>
  );
}

function ProofDocument({ proof }: { readonly proof: Proof }): ReactNode {
  const t = useTexts('proof', PROOF_TEXTS);
  const { language } = useLanguage();
  const [tone, sentence] = RESULTS[proof.result];
  return (
    <>
      <h3 className={styles['section']}>
        <Mark tone={tone}>{t(sentence)}</Mark>
      </h3>
      <p className={styles['text']}>{proof.statement[language]}</p>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">{t('server')}</th>
            <th scope="col">{t('result')}</th>
            <th scope="col">{t('images')}</th>
            <th scope="col">{t('size')}</th>
          </tr>
        </thead>
        <tbody>
          {proof.servers.map(({ server, state, images, bytes }) => (
            <tr key={server}>
              <td>{server}</td>
              <td>
                <Mark tone={TONES[state]}>{t(state)}</Mark>
              </td>
              <td>{images === null ? '—' : formatCount(images)}</td>
              <td>{bytes === null ? '—' : formatBytes(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3 className={styles['section']}>{t('basis')}</h3>
      <p className={styles['small']}>{proof.basis[language]}</p>
    </>
  );
}
