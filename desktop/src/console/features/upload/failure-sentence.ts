import { errorSentence, type ErrorSentence } from '@imagefleet/shared/common/errors/error-sentences.ts';
import type { Language } from '#console/i18n/language.ts';
import type { FailureCode } from './upload-item.ts';
import { UPLOAD_TEXTS } from './upload-texts.ts';

/** What an operator reads for a failure of the queue; the common sentences speak of servers among themselves. */
export function failureSentence(code: FailureCode, language: Language): ErrorSentence {
  const texts = UPLOAD_TEXTS[language];
  switch (code) {
    case 'FILE_UNREADABLE':
      return { title: texts.unreadableFile, todo: texts.unreadableFileHint };
    case 'PEER_UNREACHABLE':
      return { title: texts.lineLost, todo: texts.lineLostHint };
    case 'PEER_TIMEOUT':
      return { title: texts.lineStalled, todo: texts.lineLostHint };
    default:
      return errorSentence(code, language);
  }
}
