import { expect, it } from 'vitest';
import { joinNames, joinSentences, languageOf } from './language.ts';

it.each([
  [['zh-CN', 'en'], 'zh'],
  [['zh-Hant-TW'], 'zh'],
  [['fr', 'en-GB', 'zh'], 'en'],
  [['fr'], 'en'],
  [[], 'en'],
])('of %j the console speaks %s', (preferred, language) => {
  expect(languageOf(preferred)).toBe(language);
});

it('puts between names and sentences what each language does', () => {
  expect([joinNames(['s1', 's2'], 'en'), joinNames(['s1', 's2'], 'zh')]).toEqual(['s1, s2', 's1、s2']);
  expect([joinSentences(['A.', 'B.'], 'en'), joinSentences(['甲。', '乙。'], 'zh')]).toEqual(['A. B.', '甲。乙。']);
});
