import type { ReactNode } from 'react';
import { formatBytes, formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { classLines, passedLines, type CheckLine } from './check-lines.ts';
import { INTAKE_TEXTS } from './intake-texts.ts';
import type { CheckReport } from './queue-types.ts';
import styles from './queue.module.css';

/** What becomes of the files, in numbers; the first names of each kind on demand. */
export function CheckTable({ report }: { readonly report: CheckReport }): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  const passed = passedLines(report);
  return (
    <>
      <Lines lines={classLines(report)} />
      {passed.length > 0 && (
        <>
          <strong>{t('passedOver')}</strong>
          <Lines lines={passed} />
        </>
      )}
    </>
  );
}

function Lines({ lines }: { readonly lines: readonly CheckLine[] }): ReactNode {
  const t = useTexts('intake', INTAKE_TEXTS);
  return (
    <ul className={styles['checkLines']}>
      {lines.map(({ word, files, bytes, examples }) => (
        <li key={word} data-word={word}>
          <details>
            <summary>
              <b>{formatCount(files)}</b> {t(word)}
              {bytes !== null && bytes > 0 && <span className={styles['dim']}> {formatBytes(bytes)}</span>}
            </summary>
            <ul className={styles['examples']}>
              {examples.map((path, index) => (
                <li key={index}>{path}</li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}
