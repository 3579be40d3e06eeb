import { NativeSelect, Switch } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { DesktopSettings } from '#bridge/shell-api.ts';
import { useDesktop } from '#console/api/host-context.tsx';
import { useNoteSettings } from '#console/api/use-settings.ts';
import { FailureNote } from '#console/ui/failure-note.tsx';
import { useSettingsTexts } from './use-settings-texts.ts';
import styles from './settings.module.css';

const LANGUAGES = ['system', 'zh', 'en'] as const satisfies readonly DesktopSettings['language'][];
const NAMES = { zh: '中文', en: 'English' } as const;
const SWITCHES = ['startsAtLogin', 'staysInTray', 'notifies'] as const;

/** How the app behaves; each change takes effect at once. */
export function AppFields({ settings }: { readonly settings: DesktopSettings }): ReactNode {
  const t = useSettingsTexts();
  const { shell } = useDesktop();
  const note = useNoteSettings();
  const [error, setError] = useState<unknown>(null);
  const change = async (part: Partial<DesktopSettings>): Promise<void> => {
    try {
      note(await shell.changeSettings(part));
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <section className={styles['section']} aria-label={t('app')}>
      <h2 className={styles['heading']}>{t('app')}</h2>
      <NativeSelect
        className={styles['select']}
        label={t('language')}
        value={settings.language}
        data={LANGUAGES.map((value) => ({ value, label: value === 'system' ? t('system') : NAMES[value] }))}
        onChange={({ currentTarget }) =>
          void change({ language: LANGUAGES.find((one) => one === currentTarget.value) ?? 'system' })
        }
      />
      {SWITCHES.map((name) => (
        <Switch
          key={name}
          label={t(name)}
          checked={settings[name]}
          onChange={({ currentTarget }) => void change({ [name]: currentTarget.checked })}
        />
      ))}
      {error !== null && <FailureNote error={error} />}
    </section>
  );
}
