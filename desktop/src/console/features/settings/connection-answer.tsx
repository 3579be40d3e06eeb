import type { ReactNode } from 'react';
import { formatCount } from '@imagefleet/shared/common/text/quantities.ts';
import { useLanguage } from '#console/i18n/language-context.tsx';
import { joinNames } from '#console/i18n/language.ts';
import type { Connection } from './use-connection.ts';
import { useSettingsTexts } from './use-settings-texts.ts';
import styles from './settings.module.css';

/** What the test found; what is wrong stands at its field. */
export function ConnectionAnswer({ connection: { isBusy, finding } }: { readonly connection: Connection }): ReactNode {
  const t = useSettingsTexts();
  const { language } = useLanguage();
  const isFine = finding?.isFine === true;
  return (
    <div role="status" className={styles['answer']}>
      {isBusy && t('testing')}
      {isFine && (
        <p className={styles['works']}>
          ✓{' '}
          {t('works', {
            count: finding.names.length,
            shown: formatCount(finding.names.length),
            names: joinNames(finding.names, language),
          })}
        </p>
      )}
      {isFine && finding.unfit.length > 0 && (
        <p className={styles['warning']}>{t('partly', { names: joinNames(finding.unfit, language) })}</p>
      )}
      {isFine && finding.isBlind && <p className={styles['warning']}>{t('uploadOnly')}</p>}
    </div>
  );
}
