/** Languages of the command line. English unless the environment or `--lang` says Chinese. */
export type Language = 'en' | 'zh';

/** One dictionary per command; the type makes both languages complete. */
export type Texts<T> = Readonly<Record<Language, T>>;

/** `--lang zh-CN` or `--lang=en` anywhere on the line wins, then LC_ALL, then LANG. Read before commander, whose help texts need it. */
export function chooseLanguage(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  const index = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  const asked = index < 0 ? undefined : (args[index]?.split('=')[1] ?? args[index + 1]);
  const name = asked ?? nonEmpty(env['LC_ALL']) ?? nonEmpty(env['LANG']) ?? '';
  return name.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
