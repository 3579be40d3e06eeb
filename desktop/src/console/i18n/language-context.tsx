import { createInstance, type i18n } from 'i18next';
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { LOCALES, type Language, type Texts } from './language.ts';

const STORED = 'imagefleet.language';

interface Speech {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  readonly engine: i18n;
}

const SpeechContext = createContext<Speech | null>(null);

interface Props {
  /** What the browser or the system asks for; somebody's own choice goes before it. */
  readonly preferred: Language;
  readonly storage: Storage;
  readonly children: ReactNode;
}

export function LanguageProvider({ preferred, storage, children }: Props): ReactNode {
  const [language, setState] = useState<Language>(() => storedLanguage(storage) ?? preferred);
  const engine = useMemo(() => {
    const instance = createInstance();
    // Texts come with each use and are typed there; React escapes what is shown.
    void instance.init({
      lng: LOCALES[language],
      initAsync: false,
      resources: {},
      interpolation: { escapeValue: false },
    });
    return instance;
  }, [language]);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
  }, [language]);
  const speech = useMemo(() => {
    const setLanguage = (next: Language): void => {
      storage.setItem(STORED, next);
      setState(next);
    };
    return { language, setLanguage, engine };
  }, [language, engine, storage]);
  return <SpeechContext.Provider value={speech}>{children}</SpeechContext.Provider>;
}

function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (speech === null) throw new Error('the console is not inside a LanguageProvider');
  return speech;
}

export function useLanguage(): Pick<Speech, 'language' | 'setLanguage'> {
  return useSpeech();
}

/** `values` fill `{{name}}`; with `count` the plural of `key_one` and `key_other` is chosen (i18next). */
export type Translate<K extends string> = (
  key: PluralKey<K>,
  values?: Readonly<Record<string, string | number>>,
) => string;

/** `copies_one` and `copies_other` are asked for as `copies`. */
type PluralKey<K extends string> = K extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : K;

/** The texts of one part in the language that is chosen. */
export function useTexts<K extends string>(name: string, texts: Texts<K>): Translate<K> {
  const { engine, language } = useSpeech();
  return useMemo(() => {
    if (!engine.hasResourceBundle(LOCALES[language], name)) {
      engine.addResourceBundle(LOCALES[language], name, texts[language]);
    }
    // Its own types know of one set of texts for a whole program; ours come with each part.
    return engine.getFixedT(LOCALES[language], name) as unknown as Translate<K>;
  }, [engine, language, name, texts]);
}

function storedLanguage(storage: Storage): Language | undefined {
  const stored = storage.getItem(STORED);
  return stored === 'zh' || stored === 'en' ? stored : undefined;
}
