import type { ErrorCode } from './error-codes.ts';
import { CHINESE_SENTENCES } from './error-sentences-zh.ts';
import { ENGLISH_SENTENCES } from './error-sentences-en.ts';

export type SentenceLanguage = 'en' | 'zh';

/** What a person reads for a code: what happened, and what to do about it (often nothing; then it says so). */
export interface ErrorSentence {
  readonly title: string;
  readonly todo: string;
}

export type ErrorSentences = Readonly<Record<ErrorCode, ErrorSentence>>;

const SENTENCES: Readonly<Record<SentenceLanguage, ErrorSentences>> = {
  en: ENGLISH_SENTENCES,
  zh: CHINESE_SENTENCES,
};

/** The sentence for a code. The message of one error tells the case (which file, which server); this tells the kind. */
export function errorSentence(code: ErrorCode, language: SentenceLanguage): ErrorSentence {
  return SENTENCES[language][code];
}

/** Codes whose advice says that the copies go out again by themselves: not true of a source with autoRetry off. */
export const PROMISE_RETRY: ReadonlySet<ErrorCode> = new Set(['PEER_DOWN', 'PEER_DISK_FULL', 'DIGEST_MISMATCH']);
