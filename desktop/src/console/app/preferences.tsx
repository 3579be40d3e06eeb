import { Group, NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { useHost } from '#console/api/host-context.tsx';
import { useLanguage, useTexts } from '#console/i18n/language-context.tsx';
import { LANGUAGES, type Texts } from '#console/i18n/language.ts';

const TEXTS = {
  en: { language: 'Language', theme: 'Appearance', auto: 'As the system', light: 'Light', dark: 'Dark' },
  zh: { language: '语言', theme: '外观', auto: '跟随系统', light: '浅色', dark: '深色' },
} as const satisfies Texts<string>;

const NAMES = { en: 'English', zh: '中文' } as const;
const SCHEMES = ['auto', 'light', 'dark'] as const satisfies readonly MantineColorScheme[];

/** Language and appearance, kept in this browser; a desktop app has its language in its settings. */
export function Preferences(): ReactNode {
  const t = useTexts('preferences', TEXTS);
  const { language, setLanguage } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDesktop = useHost().capabilities.desktop !== null;
  return (
    <Group gap="xs">
      {!isDesktop && (
        <NativeSelect
          size="xs"
          aria-label={t('language')}
          value={language}
          data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
          onChange={(event) => setLanguage(LANGUAGES.find((one) => one === event.currentTarget.value) ?? 'en')}
        />
      )}
      <NativeSelect
        size="xs"
        aria-label={t('theme')}
        value={colorScheme}
        data={SCHEMES.map((value) => ({ value, label: t(value) }))}
        onChange={(event) => setColorScheme(SCHEMES.find((one) => one === event.currentTarget.value) ?? 'auto')}
      />
    </Group>
  );
}
