import { expect, it } from 'vitest';
import { FILE_FAILURE_CODES } from '#bridge/engine-words.ts';
import { failureSentence } from './failure-sentence.ts';

it.each([...FILE_FAILURE_CODES, 'FILE_TOO_LARGE'] as const)(
  '%s has a sentence of its own in both languages',
  (code) => {
    const [en, zh] = [failureSentence(code, 'en'), failureSentence(code, 'zh')];
    expect(en.title).toMatch(/^[A-Z]/);
    expect(zh.title).toMatch(/\p{Script=Han}/u);
    const others = FILE_FAILURE_CODES.filter((one) => one !== code).map((one) => failureSentence(one, 'en').title);
    expect(others).not.toContain(en.title);
  },
);
