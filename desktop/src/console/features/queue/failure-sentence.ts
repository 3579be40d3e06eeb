import type { FailureCode } from '#bridge/engine-words.ts';
import { errorSentence, type ErrorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Language } from '#console/i18n/language.ts';
import { QUEUE_TEXTS } from './queue-texts.ts';

/** What an operator reads for a failure of the queue; the common sentences know nothing of files on this computer. */
export function failureSentence(code: FailureCode, language: Language): ErrorSentence {
  const texts = QUEUE_TEXTS[language];
  switch (code) {
    case 'FILE_MISSING':
      return { title: texts.missing, todo: texts.missingHint };
    case 'FILE_UNREADABLE':
      return { title: texts.unreadable, todo: texts.unreadableHint };
    case 'FILE_CHANGED':
      return { title: texts.changed, todo: texts.changedHint };
    default:
      return errorSentence(code, language);
  }
}
