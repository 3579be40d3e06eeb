import { useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { SETTINGS_TEXTS } from './settings-texts.ts';

export type SettingsTranslate = Translate<keyof typeof SETTINGS_TEXTS.en>;

export function useSettingsTexts(): SettingsTranslate {
  return useTexts('settings', SETTINGS_TEXTS);
}
