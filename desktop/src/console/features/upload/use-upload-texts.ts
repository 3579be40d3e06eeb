import { useTexts, type Translate } from '#console/i18n/language-context.tsx';
import { UPLOAD_TEXTS } from './upload-texts.ts';

export type UploadTranslate = Translate<keyof typeof UPLOAD_TEXTS.en>;

export function useUploadTexts(): UploadTranslate {
  return useTexts('upload', UPLOAD_TEXTS);
}
