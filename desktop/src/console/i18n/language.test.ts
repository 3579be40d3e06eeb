import { expect, it } from 'vitest';
import { languageOf } from './language.ts';

it.each([
  [['zh-CN', 'en'], 'zh'],
  [['zh-Hant-TW'], 'zh'],
  [['fr', 'en-GB', 'zh'], 'en'],
  [['fr'], 'en'],
  [[], 'en'],
])('of %j the console speaks %s', (preferred, language) => {
  expect(languageOf(preferred)).toBe(language);
});
