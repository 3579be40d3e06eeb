import { describe, expect, it } from 'vitest';
import { chooseLanguage } from './language.ts';

describe('chooseLanguage', () => {
  it.each([
    [[], {}, 'en'],
    [[], { LANG: 'zh_CN.UTF-8' }, 'zh'],
    [[], { LC_ALL: 'en_US.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
    [[], { LC_ALL: '', LANG: 'zh_TW' }, 'zh'],
    [['status', '--lang', 'zh-CN'], { LANG: 'C' }, 'zh'],
    [['--lang=en', 'status'], { LANG: 'zh_CN' }, 'en'],
    [[], { LANG: 'de_DE' }, 'en'],
  ] as const)('makes of %j and %j the language %s', (args, env, language) => {
    expect(chooseLanguage(args, env)).toBe(language);
  });
});
