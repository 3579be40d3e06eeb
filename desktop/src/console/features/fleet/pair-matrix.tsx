import type { ReactNode } from 'react';
import { formatBytes, formatCount, formatSeconds } from '@imagefleet/shared/common/text/quantities.ts';
import { useTexts } from '#console/i18n/language-context.tsx';
import { FLEET_TEXTS } from './fleet-texts.ts';
import type { Pair, PairRow } from './pairs.ts';
import styles from './fleet.module.css';

/** Rows from, columns to. */
export function PairMatrix({ rows }: { readonly rows: readonly PairRow[] }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  return (
    <section aria-label={t('pairs')}>
      <h2 className={styles['heading']}>{t('pairs')}</h2>
      <div className={styles['scroll']} tabIndex={0} role="group" aria-label={t('pairs')}>
        <table className={styles['matrix']}>
          <thead>
            <tr>
              <th scope="col">
                {t('from')} ↓ {t('to')} →
              </th>
              {rows.map(({ source }) => (
                <th key={source} scope="col">
                  {source}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ source, pairs }) => (
              <tr key={source}>
                <th scope="row">{source}</th>
                {pairs.map((pair, index) => (
                  <td key={rows[index]?.source} data-kind={pair.kind}>
                    <PairCell pair={pair} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function PairCell({ pair }: { readonly pair: Pair }): ReactNode {
  const t = useTexts('fleet', FLEET_TEXTS);
  switch (pair.kind) {
    case 'self':
      return <span aria-label={t('self')}>–</span>;
    case 'unknown':
      return t('notKnown');
    case 'even':
      return t('even');
    case 'owes':
      return (
        <span title={formatBytes(pair.bytes)}>
          {t('owes', { count: pair.files, shown: formatCount(pair.files) })} · {formatSeconds(pair.lagSeconds)}
        </span>
      );
  }
}
