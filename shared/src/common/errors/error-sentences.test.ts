import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { errorSentence } from './error-sentences.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('the sentences for people', () => {
  it.each(CODES)('tell in both languages what %s means and what to do', (code) => {
    for (const language of ['en', 'zh'] as const) {
      const { title, todo } = errorSentence(code, language);
      expect(title.length).toBeGreaterThan(2);
      expect(todo.length).toBeGreaterThan(4);
      expect(title).not.toMatch(/[.。]$/);
      expect(todo).toMatch(/[.。?？]$/);
    }
  });

  it('are Chinese where Chinese is asked for', () => {
    for (const code of CODES) expect(errorSentence(code, 'zh').title).toMatch(/[\u4e00-\u9fff]/);
  });

  it('never say the same of two codes', () => {
    for (const language of ['en', 'zh'] as const) {
      const titles = CODES.map((code) => errorSentence(code, language).title);
      expect(new Set(titles).size).toBe(titles.length);
    }
  });
});
