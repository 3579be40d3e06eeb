/** Languages of the console; the first one is for browsers that ask for neither. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Texts of one part of the console, in every language with the same keys; Chinese has no `_one`, for it has no plural. */
export interface Texts<K extends string> {
  readonly en: Readonly<Record<K, string>>;
  readonly zh: Readonly<Record<Exclude<K, `${string}_one`>, string>>;
}

/** For `lang` and Intl. */
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };

export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Names in a row, such as those of servers. */
export function joinNames(names: readonly string[], language: Language): string {
  return names.join(language === 'zh' ? '、' : ', ');
}

/** Sentences one after the other: Chinese has no space between them. */
export function joinSentences(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh' ? '' : ' ');
}
