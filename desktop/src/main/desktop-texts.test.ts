import { describe, expect, it } from 'vitest';
import { desktopTexts, languageOf } from './desktop-texts.ts';

describe('the language of tray and notifications', () => {
  it.each([
    ['zh', 'zh'],
    ['zh-CN', 'zh'],
    ['zh-TW', 'zh'],
    ['en-GB', 'en'],
    ['de', 'en'],
    ['', 'en'],
  ] as const)('of a system in %s is %s', (locale, language) => {
    expect(languageOf('system', locale)).toBe(language);
  });

  it('is the one that was chosen', () => {
    expect([languageOf('en', 'zh-CN'), languageOf('zh', 'en')]).toEqual(['en', 'zh']);
  });

  it('is Chinese throughout where it is Chinese', () => {
    const { states, listOf: _listOf, ...texts } = desktopTexts('zh');
    for (const text of [...Object.values(texts), ...Object.values(states)]) {
      const said = typeof text === 'string' ? text : (text as (...values: number[]) => string)(1, 3);
      expect(said).toMatch(/[\u4e00-\u9fff]/);
    }
  });
});
