import { errorSentence, type ErrorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Language } from '#console/i18n/language.ts';
import type { FailureCode } from './upload-item.ts';
import { UPLOAD_TEXTS } from './upload-texts.ts';

/** What an operator reads for a failure of the queue. */
export function failureSentence(code: FailureCode, language: Language): ErrorSentence {
  if (code !== 'FILE_UNREADABLE') return errorSentence(code, language);
  const { unreadableFile, unreadableFileHint } = UPLOAD_TEXTS[language];
  return { title: unreadableFile, todo: unreadableFileHint };
}
