import type { ReactNode } from 'react';
import type { Tally } from './tally.ts';
import { useUploadTexts } from './use-upload-texts.ts';
import styles from './upload.module.css';

/** How far everything is together: by bytes, and by files where they have none. */
export function TotalBar({ tally }: { readonly tally: Tally }): ReactNode {
  const t = useUploadTexts();
  const settled = tally.counts.done + tally.counts.present;
  const share = tally.bytes > 0 ? tally.progressBytes / tally.bytes : settled / Math.max(1, tally.files);
  return <progress className={styles['total']} aria-label={t('uploading')} max={1} value={share} />;
}
