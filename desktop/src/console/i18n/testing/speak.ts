import { createInstance } from 'i18next';
import type { Translate } from '../language-context.tsx';
import { LOCALES, type Language, type Texts } from '../language.ts';

/** What `useTexts` gives in a page, for tests of sentences. */
export function speak<K extends string>(language: Language, texts: Texts<K>): Translate<K> {
  const engine = createInstance();
  const locale = LOCALES[language];
  void engine.init({
    lng: locale,
    initAsync: false,
    resources: { [locale]: { all: texts[language] } },
    interpolation: { escapeValue: false },
  });
  return engine.getFixedT(locale, 'all') as unknown as Translate<K>;
}
